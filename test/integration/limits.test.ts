import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { InputError } from '../../src/platform/errors.js'
import { getLimits } from '../../src/purchasing/get-limits.js'
import { applyLimits, setLimit } from '../../src/purchasing/list-limits.js'
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
      'there is no list nowhere; ordering knows filed, own, paused, vague',
    )
    await expect(getLimits(ctx, {})).rejects.toThrow('say which list')
  })
})
