import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { InputError } from '../../src/platform/errors.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import { applyLimits, setLimit } from '../../src/purchasing/limits/list-limits.js'
import { insertSupplier } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
})
afterAll(() => database.drop())

const facts = { currency: 'EUR', timeZone: 'Europe/Berlin' }

async function limitOf(list: string, kind: string) {
  const found = (await getLimits(ctx, { list })).limits.find((limit) => limit.kind === kind)
  return found?.amountMinor ?? found?.value ?? null
}

describe('limits of a list', () => {
  it('are set, changed and removed one by one', async () => {
    const set = (kind: string, value: unknown) => setLimit(ctx, { list: 'own', ...facts, kind, value })
    await set('per_order', '600')
    await set('allowed_suppliers', 'b,a')
    await set('first_purchase_needs_approval', 'false')
    expect(await limitOf('own', 'per_order')).toBe(60_000)
    expect(await limitOf('own', 'allowed_suppliers')).toEqual(['a', 'b'])
    expect(await limitOf('own', 'first_purchase_needs_approval')).toBe(false)
    await set('per_order', null)
    await set('first_purchase_needs_approval', null)
    expect(await limitOf('own', 'per_order')).toBeNull()
    expect(await limitOf('own', 'first_purchase_needs_approval')).toBe(true)
    await expect(set('per_order', '12.345')).rejects.toThrow('decimals')
    await expect(set('per_year', null)).rejects.toThrow('is not a limit')
    expect(await limitOf('own', 'allowed_suppliers')).toEqual(['a', 'b'])
  })

  it('that come from the file are what the file says, and are changed there', async () => {
    const apply = (limits: object) => applyLimits(ctx, { list: 'filed', ...facts, limits, source: 'file' })
    await apply({ per_order: 600, per_month: '4000' })
    await expect(setLimit(ctx, { list: 'filed', kind: 'per_order', value: '9999' })).rejects.toThrow(
      'configuration file',
    )
    await apply({ per_month: 5000 })
    expect(await limitOf('filed', 'per_order')).toBeNull()
    expect(await limitOf('filed', 'per_month')).toBe(500_000)
    await expect(apply({ per_month: -1 })).rejects.toThrow(InputError)
    expect(await limitOf('filed', 'per_month')).toBe(500_000)
  })

  it('that the file does not name are a person’s, also when it is read again', async () => {
    await insertSupplier(ctx, 'north')
    const apply = (limits: object) => applyLimits(ctx, { list: 'shared', ...facts, limits, source: 'file' })
    const set = (kind: string, value: unknown) => setLimit(ctx, { list: 'shared', ...facts, kind, value })
    const sources = async () =>
      Object.fromEntries(
        (await getLimits(ctx, { list: 'shared' })).limits.map(({ kind, source, amountMinor, value }) => [
          kind,
          `${amountMinor ?? value} by ${source}`,
        ]),
      )
    await set('per_day', '70')
    await apply({ per_order: 600, per_supplier: { north: { per_order: 50 } } })
    await set('per_month', '4000')
    await set('per_supplier.north.per_month', '900')
    await set('max_times_need', '4')
    for (const kind of ['per_order', 'per_supplier.north.per_order']) {
      for (const value of ['9999', null]) {
        await expect(set(kind, value), kind).rejects.toThrow(`list shared: ${kind} comes from the configuration file`)
      }
    }
    const own = { per_day: '7000 by person', per_month: '400000 by person', max_times_need: '4 by person' }
    expect(await sources()).toEqual({
      ...own,
      per_order: '60000 by file',
      orders_per_run: '3 by default',
      'per_supplier.north.per_order': '5000 by file',
      'per_supplier.north.per_month': '90000 by person',
      first_purchase_needs_approval: 'true by default',
      first_supplier_order_needs_approval: 'false by default',
      person_orders_need_approval: 'true by default',
    })

    // What it comes to name is its own from then on; what it no longer names is gone.
    await apply({ per_day: '80', max_times_need: 2 })
    expect(await sources()).toMatchObject({
      per_day: '8000 by file',
      per_month: '400000 by person',
      max_times_need: '2 by file',
      'per_supplier.north.per_month': '90000 by person',
    })
    expect(await limitOf('shared', 'per_order')).toBeNull()
    expect(await limitOf('shared', 'per_supplier.north.per_order')).toBeNull()
    await set('per_order', '55')
    await set('per_supplier.north.per_order', '5')
    await set('per_month', null)
    await apply({})
    expect(await sources()).toMatchObject({ per_order: '5500 by person', max_times_need: '10 by default' })
    expect(await limitOf('shared', 'per_day')).toBeNull()
    expect(await limitOf('shared', 'per_month')).toBeNull()
    expect(await limitOf('shared', 'per_supplier.north.per_order')).toBe(500)
  })

  it('can be paused by a person, whom a restart doesn’t overrule; a pause in the file ends in the file', async () => {
    const apply = (limits: object) => applyLimits(ctx, { list: 'paused', ...facts, limits, source: 'file' })
    const pause = (value: boolean) => setLimit(ctx, { list: 'paused', kind: 'paused', value })
    const isPaused = async () => (await getLimits(ctx, { list: 'paused' })).paused
    await apply({ per_order: 600 })
    await pause(true)
    await apply({ per_order: 600 })
    expect(await isPaused()).toBe(true)
    await pause(false)
    expect(await isPaused()).toBe(false)
    await apply({ paused: true })
    expect(await isPaused()).toBe(true)
    await expect(pause(false)).rejects.toThrow('configuration file')
    await apply({})
    expect(await isPaused()).toBe(false)
  })

  it('are shown as written while nobody has said in which currency', async () => {
    await setLimit(ctx, { list: 'vague', kind: 'per_order', value: '12.3456' })
    const view = await getLimits(ctx, { list: 'vague' })
    expect(view).toMatchObject({ currency: null, limits: [{ kind: 'per_order', amountMinor: null, value: '12.3456' }] })
  })

  it('of a list that nobody knows are not made up', async () => {
    await expect(getLimits(ctx, { list: 'nowhere' })).rejects.toThrow(
      'there is no list nowhere; ordering knows filed, own, paused, shared, vague',
    )
    await expect(getLimits(ctx, {})).rejects.toThrow('say which list')
  })
})
