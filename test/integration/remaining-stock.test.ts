import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { addOffer } from '../../src/purchasing/catalog/add-offer.js'
import { loadOffers } from '../../src/purchasing/catalog/load-offers.js'
import { searchCatalog } from '../../src/purchasing/catalog/search-catalog.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { cancelOrder } from '../../src/purchasing/orders/cancel-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { type Placement, placeOrder } from '../../src/purchasing/placing/place-order.js'
import type { QuoteLine } from '../../src/purchasing/quotes/quote.js'
import { findOfferPage } from '../../src/web/pages/suppliers/supplier-queries.js'
import {
  buildCaller,
  buildLine,
  buildNeed,
  buildQuoteOrder,
  insertQuote,
  insertSupplier,
  type RunCaller,
  registerRun,
} from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  await insertSupplier(ctx, 'a')
  await limit({})
})
afterAll(() => database.drop())

const limit = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })

let counter = 0
let sku = ''
beforeEach(() => {
  sku = `sku-${++counter}`
  database.clock.advance(60_000)
})

/** Packs of 12 l at 10.00, so many of which the supplier says it has. */
async function state(stock: number): Promise<void> {
  const offer = { supplierId: 'a', sku, name: `Milk ${sku}`, unit: 'l', packQuantity: 12, price: '10.00' }
  await addOffer(ctx, { ...offer, stockPacks: stock })
}

async function findOffer() {
  return ctx.db
    .selectFrom('purchasing.offers')
    .select(['id as offerId', 'product_id as productId'])
    .where('sku', '=', sku)
    .executeTakeFirstOrThrow()
}

/** What quotes are made from, and what searches and pages say as well. */
async function left(): Promise<number | null | undefined> {
  const { productId } = await findOffer()
  const quoted = (await loadOffers(ctx, [productId])).offersByProduct.get(productId)?.[0]?.stock_packs
  const [result] = await searchCatalog(ctx, [{ text: sku }])
  const found = result?.products.find((product) => product.productId === productId)?.offers[0]?.stock
  const page = await findOfferPage(ctx, { supplierId: 'a', search: sku, page: 1 })
  expect([found, page.offers[0]?.stock]).toEqual([quoted, quoted])
  return quoted
}

interface Ready {
  readonly caller: RunCaller
  readonly quoteId: string
}

/** A quote of so many packs of it, for a run and an item of its own. */
async function prepare(packs: number, list = 'cafe', more: readonly QuoteLine[] = []): Promise<Ready> {
  const id = ++counter
  const caller = buildCaller(`run_${id}`, { list })
  const line = buildLine(`itm_${id}`, { ...(await findOffer()), packs, quantity: packs * 12 })
  const lines = [line, ...more]
  await registerRun(
    ctx,
    caller,
    lines.map((each) => buildNeed(each.itemId, { quantity: each.quantity })),
  )
  return { caller, quoteId: await insertQuote(ctx, { runId: caller.run, list }, [buildQuoteOrder('a', lines)]) }
}

const place = ({ caller, quoteId }: Ready) => placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' })
const outcomeOf = ({ results }: Placement) =>
  results.map(({ outcome, messages }) => messages[0]?.code ?? outcome).join()

async function order(packs: number): Promise<string> {
  const { results } = await place(await prepare(packs))
  const orderId = results[0]?.orderId
  if (!orderId) throw new Error(`it was refused: ${JSON.stringify(results)}`)
  return orderId
}

describe('what is left of a stated stock', () => {
  it('is what was stated, less what was ordered since, until it is stated again', async () => {
    await state(10)
    expect(await left()).toBe(10)
    const first = await order(3)
    database.clock.advance(60_000)
    await order(4)
    expect(await left()).toBe(3)
    await cancelOrder(ctx, { orderId: first, by: 'Ada', reason: 'no' })
    expect(await left()).toBe(6)
    // The same number again is news: the supplier has as many now.
    database.clock.advance(60_000)
    await state(10)
    expect(await left()).toBe(10)
    await order(10)
    expect(await left()).toBe(0)
  })

  it('is as much as anybody wants where none is stated', async () => {
    await state(1)
    await ctx.db.updateTable('purchasing.offers').set({ stock_packs: null }).where('sku', '=', sku).execute()
    await order(3)
    expect(await left()).toBeNull()
  })

  it('stays when other words of the offer change', async () => {
    await state(5)
    await order(4)
    database.clock.advance(60_000)
    const { supplierId, name } = { supplierId: 'a', name: `Milk ${sku}` }
    await addOffer(ctx, { supplierId, sku, name, unit: 'l', packQuantity: 12, price: '9.00' })
    expect(await left()).toBe(1)
  })

  it('is never below nothing', async () => {
    await state(10)
    await order(8)
    await ctx.db.updateTable('purchasing.offers').set({ stock_packs: 5 }).where('sku', '=', sku).execute()
    expect(await left()).toBe(0)
  })
})

describe('the last packs', () => {
  it('are bought by one of two runs that saw them', async () => {
    await state(5)
    const [first, second] = [await prepare(5), await prepare(3)]
    expect(outcomeOf(await place(first))).toBe('accepted')
    const refused = await place(second)
    expect(refused.results).toMatchObject([
      {
        outcome: 'refused',
        orderId: null,
        messages: [
          { code: 'out_of_stock', severity: 'recoverable', text: expect.stringContaining('No packs of “Product') },
        ],
      },
    ])
    expect(await left()).toBe(0)
  })

  it('are bought once by runs of several lists at once', async () => {
    await state(7)
    const ready: Ready[] = []
    for (let count = 0; count < 12; count++) ready.push(await prepare(2, ['cafe', 'lab', 'bar'][count % 3]))
    const outcomes = (await Promise.all(ready.map(place))).map(outcomeOf)
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(3)
    expect(outcomes.filter((outcome) => outcome === 'out_of_stock')).toHaveLength(9)
    expect(await left()).toBe(1)
  })

  it('are counted once for several lines of one offer', async () => {
    await state(5)
    const offer = await findOffer()
    const other = buildLine(`other_${sku}`, { ...offer, packs: 3 })
    expect(outcomeOf(await place(await prepare(3, 'cafe', [other])))).toBe('out_of_stock')
    expect(outcomeOf(await place(await prepare(2, 'cafe', [other])))).toBe('accepted')
  })

  it('are held by an order that waits for a person, who can approve it, and free when it is declined', async () => {
    await limit({ approve_above: '0' })
    await state(5)
    const [waiting, declined] = [await order(3), await order(2)]
    expect(await left()).toBe(0)
    await declineOrder(ctx, { orderId: declined, by: 'Ada' })
    expect(await left()).toBe(2)
    expect(await approveOrder(ctx, { orderId: waiting, by: 'Ada' })).toMatchObject({ status: 'approved' })
    const late = await order(2)
    database.clock.advance(60_000)
    await state(1)
    await expect(approveOrder(ctx, { orderId: late, by: 'Ada' })).rejects.toMatchObject({
      refusal: { code: 'approval_lapsed', text: expect.stringContaining('only 1 packs of') },
    })
    await limit({})
  })
})
