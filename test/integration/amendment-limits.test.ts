import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import type { ReportedLine } from '../../src/purchasing/channels/channel.js'
import type { Channels } from '../../src/purchasing/channels/index.js'
import { simulatedChannel } from '../../src/purchasing/channels/simulated.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { buildLine, insertSupplier, placeOne } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  await insertSupplier(ctx, 'a')
})
afterAll(() => database.drop())

let counter = 0
let item = ''
beforeEach(() => {
  item = `itm_${++counter}`
  database.clock.advance(86_400_000)
})

/** Whatever it changes, neither the tolerance nor the rule on changes holds it back. */
const lenient = { on_amendment: 'accept', amendment_tolerance_percent: '1000' } as const

const limit = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })

/** A supplier that says yes to another deal. */
const saying = (change: Omit<ReportedLine, 'lineId'>): Channels => ({
  simulated: {
    ...simulatedChannel,
    submit: async (_, order) => ({
      outcome: 'confirmed',
      reference: null,
      terms: { lines: order.lines.map(({ lineId }) => ({ ...change, lineId })) },
    }),
  },
})

/** Three packs of 12 l for a need of 30 l, which the supplier changes when it gets the order. */
async function order(packPriceMinor: number, change: Omit<ReportedLine, 'lineId'>): Promise<string> {
  const orderId = await placeOne(ctx, 'a', { lines: [buildLine(item, { packPriceMinor })] })
  if ((await getOrder(ctx, { orderId })).status === 'awaiting_approval') {
    await approveOrder(ctx, { orderId, by: 'Ada' })
  }
  await submitOrder(ctx, { orderId }, saying(change))
  return orderId
}

/** Bought at so much a pack before, and on the shelf since. */
async function paid(packPriceMinor: number): Promise<void> {
  const orderId = await order(packPriceMinor, {})
  await receiveOrder(ctx, { orderId, by: 'Ada' })
  await ctx.db
    .updateTable('purchasing.offers')
    .set({ pack_price_minor: 1_000 })
    .where('id', '=', `off_${item}`)
    .execute()
  database.clock.advance(86_400_000)
}

describe('what a supplier changes of an order that it got', () => {
  it.each<[string, LimitSettings, Omit<ReportedLine, 'lineId'>, RegExp | null]>([
    ['a price within the rise allowed', { max_price_rise_percent: '5' }, { packPriceMinor: 1_050 }, null],
    [
      'a price a cent above it',
      { max_price_rise_percent: '5' },
      { packPriceMinor: 1_051 },
      /5\.1 % more than the 10\.00 EUR for 12 l it was ordered for on .*\(max_price_rise_percent\)/,
    ],
    ['any price where no rise is limited', {}, { packPriceMinor: 9_999 }, null],
    [
      'a higher price for fewer packs, cheaper in all',
      { max_price_rise_percent: '5' },
      { packs: 2, packPriceMinor: 1_200 },
      /max_price_rise_percent/,
    ],
    [
      'smaller packs at the same price',
      { max_price_rise_percent: '5' },
      { substitute: { sku: 'SMALL', product: 'Small milk', packQuantity: 11 } },
      /9\.1 % more than/,
    ],
    ['what one item may cost', { max_line_amount: '32' }, { packPriceMinor: 1_066 }, null],
    ['more than that', { max_line_amount: '32' }, { packPriceMinor: 1_067 }, /32\.01 EUR .*\(max_line_amount\)/],
    ['more packs, and so more than that', { max_line_amount: '32' }, { packs: 4 }, /40\.00 EUR .*\(max_line_amount\)/],
    ['as many packs as the need allows', { max_times_need: '2' }, { packs: 5 }, null],
    ['more than that many', { max_times_need: '2' }, { packs: 6 }, /72 l of .* where 30 l are needed.*max_times_need/],
    ['fewer packs, whatever was ordered', { max_times_need: '1' }, { packs: 2 }, null],
  ])('%s', async (_, limits, change, asks) => {
    await limit({ ...lenient })
    const orderId = await placeOne(ctx, 'a', { lines: [buildLine(item)] })
    await limit({ ...lenient, ...limits })
    await submitOrder(ctx, { orderId }, saying(change))
    const { attention, lines, totalMinor } = await getOrder(ctx, { orderId })
    if (asks === null) {
      expect(attention).toBeNull()
      expect(lines[0]).toMatchObject(
        'packs' in change || 'packPriceMinor' in change
          ? { packs: change.packs ?? 3, packPriceMinor: change.packPriceMinor ?? 1_000 }
          : {},
      )
    } else {
      expect(attention).toMatch(asks)
      expect(totalMinor).toBe(3_000)
    }
  })

  it('is held against the cap of the item', async () => {
    await limit({ ...lenient })
    for (const [packPriceMinor, isAsked] of [
      [1_200, false],
      [1_201, true],
    ] as const) {
      const orderId = await placeOne(ctx, 'a', { lines: [buildLine(`${item}_${packPriceMinor}`)] })
      await ctx.db
        .updateTable('purchasing.needs')
        .set({ max_unit_price: '1' })
        .where('item_id', '=', `${item}_${packPriceMinor}`)
        .execute()
      await submitOrder(ctx, { orderId }, saying({ packPriceMinor }))
      const { attention } = await getOrder(ctx, { orderId })
      if (isAsked) expect(attention).toMatch(/may cost 1 EUR a unit at most; 12\.01 EUR for 12 is more/)
      else expect(attention).toBeNull()
    }
  })

  it('is measured by the price last paid, so that many small steps are seen', async () => {
    await limit({ ...lenient })
    await paid(900)
    await limit({ ...lenient, max_price_rise_percent: '10' })
    const within = await order(940, { packPriceMinor: 990 })
    expect((await getOrder(ctx, { orderId: within })).attention).toBeNull()
    item = `itm_${++counter}`
    await limit({ ...lenient })
    await paid(900)
    await limit({ ...lenient, max_price_rise_percent: '10' })
    const above = await order(940, { packPriceMinor: 991 })
    expect((await getOrder(ctx, { orderId: above })).attention).toMatch(/than the 9\.00 EUR for 12 l last paid on/)
  })

  it('is measured by what was ordered where a person let that through', async () => {
    for (const [packPriceMinor, isAsked] of [
      [1_100, false],
      [1_101, true],
    ] as const) {
      item = `itm_${++counter}`
      await limit({ ...lenient })
      await paid(700)
      await limit({ ...lenient, max_price_rise_percent: '10' })
      const orderId = await order(1_000, { packPriceMinor })
      const { attention, approvedBy } = await getOrder(ctx, { orderId })
      expect(approvedBy).toBe('Ada')
      expect(attention !== null, String(packPriceMinor)).toBe(isAsked)
    }
  })

  it('can’t be taken by a person either while a limit refuses it, and can when that is changed', async () => {
    for (const limits of [{ max_line_amount: '32' }, { max_price_rise_percent: '5', price_rise: 'refuse' }] as const) {
      item = `itm_${++counter}`
      await limit({ ...lenient, ...limits })
      const orderId = await order(1_000, { packPriceMinor: 1_100 })
      await expect(approveOrder(ctx, { orderId, by: 'Ada' })).rejects.toMatchObject({
        refusal: { code: 'amendment_over_limit' },
      })
      await limit({ ...lenient })
      expect(await approveOrder(ctx, { orderId, by: 'Ada' })).toMatchObject({ totalMinor: 3_300, attention: null })
    }
  })

  it('can be taken by a person where the limit asks for one', async () => {
    await limit({ ...lenient, max_price_rise_percent: '5', max_times_need: '2' })
    const orderId = await order(1_000, { packPriceMinor: 1_100, packs: 6 })
    const { attention } = await getOrder(ctx, { orderId })
    expect(attention).toMatch(/max_price_rise_percent.*max_times_need/)
    expect(await approveOrder(ctx, { orderId, by: 'Ada' })).toMatchObject({ totalMinor: 6_600, attention: null })
  })
})

describe('the tolerance', () => {
  /** The supplier's word when it is asked again. */
  const track = async (change: Omit<ReportedLine, 'lineId'>) => {
    database.clock.advance(86_400_000)
    await trackOrders(ctx, {
      simulated: {
        ...simulatedChannel,
        status: async (_, { lines }) => ({
          answer: {
            outcome: 'confirmed',
            reference: null,
            terms: { lines: lines.map(({ lineId }) => ({ ...change, lineId })) },
          },
          deliveries: [],
        }),
      },
    })
  }

  it('is a part of what was ordered, so that small rises don’t add up', async () => {
    await limit({})
    const orderId = await order(1_000, { packPriceMinor: 1_040 })
    expect(await getOrder(ctx, { orderId })).toMatchObject({ totalMinor: 3_120, attention: null })
    await track({ packPriceMinor: 1_050 })
    expect(await getOrder(ctx, { orderId })).toMatchObject({ totalMinor: 3_150, attention: null })
    await track({ packPriceMinor: 1_060 })
    const asked = await getOrder(ctx, { orderId })
    expect(asked.totalMinor).toBe(3_150)
    expect(asked.attention).toMatch(/31\.80 EUR is more than 5 % above 30\.00 EUR, .*\(amendment_tolerance_percent\)/)

    // What a person took is what was agreed on from then on.
    await approveOrder(ctx, { orderId, by: 'Ada' })
    await track({ packPriceMinor: 1_113 })
    expect(await getOrder(ctx, { orderId })).toMatchObject({ totalMinor: 3_339, attention: null })
    await track({ packPriceMinor: 1_114 })
    expect((await getOrder(ctx, { orderId })).attention).toMatch(/33\.42 EUR is more than 5 % above 31\.80 EUR/)
  })

  it.each<[string, Omit<ReportedLine, 'lineId'>, number, RegExp | null]>([
    ['fewer packs at their price', { packs: 2 }, 2_000, null],
    ['fewer packs, a little dearer', { packs: 2, packPriceMinor: 1_050 }, 2_100, null],
    ['as much money for fewer packs', { packs: 2, packPriceMinor: 1_500 }, 3_000, /above 20\.00 EUR/],
    ['less money for far fewer packs', { packs: 1, packPriceMinor: 1_060 }, 3_000, /above 10\.00 EUR/],
    ['more packs', { packs: 4 }, 3_000, /40\.00 EUR is more than 5 % above 30\.00 EUR/],
    ['fewer packs, cheaper', { packs: 2, packPriceMinor: 900 }, 1_800, null],
  ])('is a part of what the goods cost that come: %s', async (_, change, totalMinor, asks) => {
    await limit({})
    const orderId = await order(1_000, change)
    const found = await getOrder(ctx, { orderId })
    expect(found.totalMinor).toBe(totalMinor)
    if (asks === null) expect(found.attention).toBeNull()
    else expect(found.attention).toMatch(asks)
  })

  it('lets a supplier come back to what was ordered', async () => {
    await limit({})
    const orderId = await order(1_000, { packs: 1 })
    await track({ packs: 3 })
    expect(await getOrder(ctx, { orderId })).toMatchObject({ totalMinor: 3_000, attention: null })
  })
})
