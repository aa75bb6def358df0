import type { Hono } from 'hono'
import type { DomainContext } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { finishRun, saveSnapshot } from '../../src/runs/finish-run.js'
import type { OutcomeItem, OutcomeOrder, RunOutcome } from '../../src/runs/run.js'
import { createWebApp, type WebParts } from '../../src/web/app.js'
import type { TestDatabase } from './test-database.js'

export function openTestQueue(database: TestDatabase): JobQueue {
  return openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'test', log: database.ctx.log })
}

export const localWeb = { host: '127.0.0.1', port: 0, password: null } as const

/** Asks the app as a browser on this machine would. */
export function createTestWeb(parts: Omit<WebParts, 'config'> & { web?: WebParts['config']['web'] }) {
  const app: Hono = createWebApp({ ...parts, config: { web: parts.web ?? localWeb } })
  return {
    request: (path: string, init: RequestInit & { address?: string } = {}) => {
      const { address, ...rest } = init
      const headers = new Headers(rest.headers)
      if (!headers.has('host')) headers.set('host', 'localhost:4270')
      const env = address === undefined ? {} : { incoming: { socket: { remoteAddress: address } } }
      return app.request(path, { ...rest, headers }, env)
    },
  }
}

export function buildOutcomeItem(overrides: Partial<OutcomeItem> = {}): OutcomeItem {
  return {
    itemId: 'itm_1',
    name: 'Oat milk',
    decision: 'ordered',
    reason: 'ordered 6 packs of 6 l from North Dairy',
    needQuantity: 32,
    orderedQuantity: 36,
    unit: 'l',
    ...overrides,
  }
}

export function buildOutcomeOrder(overrides: Partial<OutcomeOrder> = {}): OutcomeOrder {
  return {
    id: 'ord_1',
    supplier: 'North Dairy',
    status: 'approved',
    subtotalMinor: 6480,
    shippingMinor: 650,
    taxMinor: 499,
    discountMinor: 0,
    totalMinor: 7629,
    currency: 'EUR',
    lines: [
      {
        itemId: 'itm_1',
        product: 'Oat drink 6 x 1 l',
        packs: 6,
        packQuantity: 6,
        quantity: 36,
        unit: 'l',
        packPriceMinor: 1080,
        taxMinor: 454,
        lineTotalMinor: 6480,
      },
    ],
    ...overrides,
  }
}

/** A run that a worker carried through, with this outcome. */
export async function finishedRun(
  ctx: DomainContext,
  list: string,
  outcome: Partial<RunOutcome> = {},
): Promise<string> {
  const { id: runId } = await createRun(ctx, { list })
  const claim = await claimRun(ctx, { runId, workerId: 'test', leaseMs: 60_000 })
  if (claim.kind !== 'claimed') throw new Error(`the run is ${claim.kind}`)
  const held = { runId, epoch: claim.run.epoch }
  const asOf = ctx.clock.now().toISOString()
  await saveSnapshot(ctx, { ...held, snapshot: { list, currency: 'EUR', timeZone: 'Europe/Berlin', asOf, items: [] } })
  await finishRun(ctx, {
    ...held,
    outcome: {
      model: 'rules',
      usage: { modelCalls: 4, inputTokens: 10, outputTokens: 5 },
      items: [buildOutcomeItem()],
      orders: [buildOutcomeOrder()],
      summary: `${list}: 1 item due: 1 ordered.`,
      ...outcome,
    },
  })
  return runId
}
