import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/platform/errors.js'
import type { WorkerContext } from '../../src/processors/context.js'
import { processors } from '../../src/processors/index.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { addItem } from '../../src/stock/add-item.js'
import { attempt, openTestShop, type TestShop } from '../helpers/cafe.js'
import { buildOffer, buildSupplier } from '../helpers/purchasing-builders.js'

let shop: TestShop
afterEach(() => shop.close())

describe('a worker whose last attempt fails', () => {
  it('leaves the run to whoever has taken it over meanwhile', async () => {
    shop = await openTestShop({ example: false })
    await buildSupplier(shop.ctx, { id: 'north' })
    await buildOffer(shop.ctx, { supplierId: 'north', name: 'Milk', sku: 'M-1', price: '1.00' })
    await addItem(shop.ctx, { list: 'cafe', name: 'Milk', sku: 'M-1', unit: 'pcs', reorderPoint: 4, orderUpTo: 12 })
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    const expire = () => sql`update restock.runs set lease_until = now() where id = ${id}`.execute(shop.ctx.db)

    let isFirst = true
    const worker: WorkerContext = {
      ...shop.worker,
      mcp: {
        ...shop.worker.mcp,
        open: async () => {
          if (!isFirst) return shop.worker.mcp.open()
          isFirst = false
          await expire()
          expect(await claimRun(shop.ctx, { runId: id, workerId: 'other', leaseMs: 60_000 })).toMatchObject({
            kind: 'claimed',
          })
          throw new UnavailableError('The servers are away.')
        },
      },
    }
    await expect(processors.replenish(worker, { runId: id }, attempt({ isLast: true }))).rejects.toThrow()
    expect(await getRun(shop.ctx, id)).toMatchObject({ status: 'running', epoch: 2 })

    await expire()
    await processors.replenish(shop.worker, { runId: id }, attempt())
    const run = await getRun(shop.ctx, id)
    expect(run).toMatchObject({ status: 'completed', epoch: 3 })
    expect(run.outcome?.items).toMatchObject([{ name: 'Milk', decision: 'ordered' }])
  })
})
