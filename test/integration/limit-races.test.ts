import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { type OpenDatabase, openDatabase } from '../../src/platform/database.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { pauseAllBuying } from '../../src/purchasing/limits/pause.js'
import { type Placement, placeOrder } from '../../src/purchasing/placing/place-order.js'
import { insertReadyQuote, insertSupplier } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  for (const id of ['a', 'b']) await insertSupplier(ctx, id)
})
afterAll(() => database.drop())

// Each test starts in a month of its own with nothing spent.
let month = 0
beforeEach(async () => {
  database.clock.set(new Date(Date.UTC(2026, month++, 10, 9)))
  await pauseAllBuying(ctx, { paused: false, by: 'Ada' })
})

const limit = (limits: LimitSettings, timeZone = 'Europe/Berlin') =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone, limits, source: 'person' })

type Ready = Awaited<ReturnType<typeof insertReadyQuote>>

/** Quotes of 30.00 each, every one of a run and an item of its own. */
async function prepare(count: number, supplierId: string | ((index: number) => string) = 'a'): Promise<Ready[]> {
  const ready: Ready[] = []
  for (let index = 0; index < count; index++) {
    ready.push(
      await insertReadyQuote(ctx, { supplierId: typeof supplierId === 'string' ? supplierId : supplierId(index) }),
    )
  }
  return ready
}

const place = ({ caller, quoteId }: Ready, db = ctx.db) =>
  placeOrder({ ...ctx, db, caller }, { quoteId, rationale: 'low' })

function tally(placements: readonly Placement[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { outcome, messages } of placements.flatMap(({ results }) => results)) {
    const key = outcome === 'refused' ? messages.map(({ code }) => code).join() : outcome
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

async function reservedMinor(): Promise<number> {
  const { limits } = await getLimits(ctx, { list: 'cafe' })
  return limits.find(({ usedMinor }) => usedMinor !== null)?.usedMinor ?? -1
}

/** As several servers would: pools of their own, of one connection or of several. */
async function withPools<T>(
  sizes: readonly number[],
  work: (pools: readonly OpenDatabase[]) => Promise<T>,
): Promise<T> {
  const pools = sizes.map((maxConnections, at) =>
    openDatabase({ url: database.url, applicationName: `restock-race-${at}`, log: ctx.log, maxConnections }),
  )
  try {
    return await work(pools)
  } finally {
    await Promise.all(pools.map((pool) => pool.close()))
  }
}

describe('fifty orders at once for a budget that allows three', () => {
  it.each([
    ['on one connection', [1]],
    ['on one pool', [10]],
    ['on several servers', [4, 4, 1, 8]],
  ])('%s: exactly three', async (_, sizes) => {
    await limit({ per_month: '100' })
    const ready = await prepare(50)
    const placements = await withPools(sizes, (pools) =>
      Promise.all(ready.map((each, at) => place(each, pools[at % pools.length]?.db))),
    )
    expect(tally(placements)).toEqual({ accepted: 3, limit_per_month: 47 })
    expect(await reservedMinor()).toBe(9_000)
  })

  it.each<[string, LimitSettings, Record<string, number>]>([
    ['the day', { per_day: '119.99' }, { accepted: 3, limit_per_day: 17 }],
    ['the week', { per_week: '90' }, { accepted: 3, limit_per_week: 17 }],
    ['the orders of a day', { orders_per_day: 3 }, { accepted: 3, limit_orders_per_day: 17 }],
    ['one supplier’s month', { per_supplier: { a: { per_month: '90' } } }, { accepted: 13, limit_per_supplier: 7 }],
    [
      'what waits for a person, too',
      { per_day: '100', approve_above: '0' },
      { pending_approval: 3, limit_per_day: 17 },
    ],
  ])('holds for %s', async (_, settings, expected) => {
    await limit(settings)
    const ready = await prepare(20, (index) => (index % 2 === 0 ? 'a' : 'b'))
    const placements = await withPools([4, 4], (pools) =>
      Promise.all(ready.map((each, at) => place(each, pools[at % 2]?.db))),
    )
    expect(tally(placements)).toEqual(expected)
  })

  it('holds between several lists only for each of them', async () => {
    const lists = ['lab', 'workshop']
    for (const list of lists) {
      await applyLimits(ctx, { list, currency: 'EUR', timeZone: 'UTC', limits: { per_day: '0' }, source: 'person' })
    }
    await limit({ per_day: '30' })
    expect(tally(await Promise.all((await prepare(5)).map((each) => place(each))))).toEqual({
      accepted: 1,
      limit_per_day: 4,
    })
  })

  it('is stopped as a whole by a pause: nothing is placed after it was made', async () => {
    await limit({})
    const ready = await prepare(20)
    const attempts = ready.map((each) =>
      place(each).then(
        () => ctx.clock.now(),
        (error: unknown) => error,
      ),
    )
    await pauseAllBuying(ctx, { paused: true, by: 'Ada' })
    const count = async () =>
      (
        await ctx.db
          .selectFrom('purchasing.orders')
          .select('id')
          .where(
            'run_id',
            'in',
            ready.map(({ caller }) => caller.run),
          )
          .execute()
      ).length
    const atPause = await count()
    await Promise.all(attempts)
    expect(await count()).toBe(atPause)
    await pauseAllBuying(ctx, { paused: false, by: 'Ada' })
    const placed = await Promise.all(ready.map((each) => place(each)))
    expect(placed.flatMap(({ results }) => results).every(({ outcome }) => outcome === 'accepted')).toBe(true)
  })
})

describe('one quote that is placed twenty times at once', () => {
  it.each([
    ['on one connection', [1]],
    ['on one pool', [10]],
    ['on several servers', [4, 4, 1, 8]],
  ])('%s: one order, and the same answer for everybody', async (_, sizes) => {
    await limit({ per_month: '100' })
    const [ready] = await prepare(1)
    if (ready === undefined) throw new Error('one was prepared')
    const placements = await withPools(sizes, (pools) =>
      Promise.all(Array.from({ length: 20 }, (_each, at) => place(ready, pools[at % pools.length]?.db))),
    )
    expect(placements.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(placements.map(({ results, receipt }) => JSON.stringify([results, receipt]))).size).toBe(1)
    const orders = await ctx.db
      .selectFrom('purchasing.orders')
      .select('id')
      .where('run_id', '=', ready.caller.run)
      .execute()
    expect(orders).toHaveLength(1)
    expect(await reservedMinor()).toBe(3_000)
  })
})

describe('budgets at a midnight that daylight saving leaves out', () => {
  it.each<[string, LimitSettings, string, string]>([
    // Santiago: 24:00 on 6 September 2025 was 01:00 on the 7th.
    ['day', { per_day: '30' }, 'America/Santiago', '2025-09-07T04:00:00Z'],
    // Cairo: 24:00 on 25 April 2024 was 01:00 on the 26th.
    ['day', { per_day: '30' }, 'Africa/Cairo', '2024-04-25T22:00:00Z'],
    ['orders', { orders_per_day: 1 }, 'Africa/Cairo', '2023-04-27T22:00:00Z'],
    // Tehran: 24:00 on Sunday, 21 March 2021 was 01:00 on Monday the 22nd, which also begins a week.
    ['week', { per_week: '30' }, 'Asia/Tehran', '2021-03-21T20:30:00Z'],
    // Santiago once more: the Sunday that lasts 23 hours ends its week all the same.
    ['week', { per_week: '30' }, 'America/Santiago', '2024-09-09T03:00:00Z'],
    // Asunción: 24:00 on 30 September 2017 was 01:00 on 1 October.
    ['month', { per_month: '30' }, 'America/Asuncion', '2017-10-01T04:00:00Z'],
    ['month of a supplier', { per_supplier: { a: { per_month: '30' } } }, 'America/Asuncion', '2023-10-01T04:00:00Z'],
  ])('the %s, %j, in %s turns over at %s', async (_, settings, timeZone, turn) => {
    await limit(settings, timeZone)
    const before = new Date(new Date(turn).getTime() - 1)
    database.clock.set(before)
    const night = { supplierId: 'a', timeZone }
    const ready = [
      await insertReadyQuote(ctx, night),
      await insertReadyQuote(ctx, night),
      await insertReadyQuote(ctx, night),
    ]
    const [first, second, third] = ready
    if (!first || !second || !third) throw new Error('three were prepared')
    expect(tally([await place(first)])).toEqual({ accepted: 1 })
    expect(tally([await place(second)])).not.toHaveProperty('accepted')
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ resetsAt }) => resetsAt !== null)?.resetsAt).toEqual(new Date(turn))
    database.clock.set(turn)
    expect(tally([await place(third)])).toEqual({ accepted: 1 })
  })
})
