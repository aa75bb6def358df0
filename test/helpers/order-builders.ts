/** Suppliers, needs and quotes for tests of what comes after the quote. Amounts in cents, quantities in litres. */
import type { DomainContext } from '../../src/platform/context.js'
import type { Caller } from '../../src/platform/run-context.js'
import { type NeedToRegister, registerNeeds, replaceNeeds } from '../../src/purchasing/needs/register-needs.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import type { QuoteContent, QuoteLine, QuoteOrder } from '../../src/purchasing/quotes/quote.js'
import type { SuppliersTable } from '../../src/purchasing/tables.js'

export type RunCaller = Extract<Caller, { kind: 'run' }>

export function buildCaller(run: string, overrides: Partial<RunCaller> = {}): RunCaller {
  return { kind: 'run', run, list: 'cafe', epoch: 1, dryRun: false, ...overrides }
}

export async function insertSupplier(
  ctx: DomainContext,
  id: string,
  overrides: { readonly channel?: SuppliersTable['channel']; readonly leadTimeDays?: number } = {},
): Promise<void> {
  const now = ctx.clock.now()
  await ctx.db
    .insertInto('purchasing.suppliers')
    .values({
      id,
      name: `Supplier ${id}`,
      channel: overrides.channel ?? 'simulated',
      currency: 'EUR',
      tax_rate: 0,
      shipping_fee_minor: 0,
      free_shipping_over_minor: null,
      minimum_order_minor: 0,
      lead_time_days: overrides.leadTimeDays ?? 2,
      url: null,
      email: null,
      created_at: now,
      updated_at: now,
      archived_at: null,
    })
    .execute()
}

export function buildNeed(itemId: string, overrides: Partial<NeedToRegister> = {}): NeedToRegister {
  return {
    itemId,
    name: `Item ${itemId}`,
    quantity: 30,
    unit: 'l',
    onOrderSeen: 0,
    origin: 'person',
    links: [],
    ...overrides,
  }
}

export async function registerRun(
  ctx: DomainContext,
  caller: RunCaller,
  needs: readonly NeedToRegister[],
  timeZone = 'Europe/Berlin',
): Promise<void> {
  await registerNeeds({ ...ctx, caller }, { list: caller.list, currency: 'EUR', timeZone, needs })
}

/** By default three packs of 12 l at 10.00 each. */
export function buildLine(itemId: string, overrides: Partial<QuoteLine> = {}): QuoteLine {
  const packs = overrides.packs ?? 3
  const packQuantity = overrides.packQuantity ?? 12
  const packPriceMinor = overrides.packPriceMinor ?? 1_000
  return {
    itemId,
    itemName: `Item ${itemId}`,
    offerId: `off_${itemId}`,
    productId: `prd_${itemId}`,
    product: `Product ${itemId}`,
    offerSku: `SKU-${itemId}`,
    matchedBy: 'sku',
    needsPersonBecause: [],
    packs,
    packQuantity,
    quantity: packs * packQuantity,
    unit: 'l',
    packPriceMinor,
    taxRate: 0,
    taxMinor: 0,
    lineTotalMinor: packs * packPriceMinor,
    ...overrides,
  }
}

export function buildQuoteOrder(
  supplierId: string,
  lines: readonly QuoteLine[],
  overrides: Partial<QuoteOrder> = {},
): QuoteOrder {
  const subtotalMinor = lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)
  const taxMinor = lines.reduce((sum, line) => sum + line.taxMinor, 0)
  const shippingMinor = overrides.shippingMinor ?? 0
  return {
    supplierId,
    supplierName: `Supplier ${supplierId}`,
    channel: 'simulated',
    leadTimeDays: 2,
    currency: 'EUR',
    subtotalMinor,
    shippingMinor,
    taxMinor,
    discountMinor: 0,
    totalMinor: subtotalMinor + shippingMinor + taxMinor,
    approvalReasons: [],
    lines: [...lines],
    ...overrides,
  }
}

/** Puts what the orders are of into the catalog, at their prices, unless it is there already. */
export async function insertOffers(ctx: DomainContext, orders: readonly QuoteOrder[]): Promise<void> {
  const now = ctx.clock.now()
  for (const { supplierId, currency, lines } of orders) {
    for (const line of lines) {
      await ctx.db
        .insertInto('purchasing.products')
        .values({
          id: line.productId,
          identity: `test:${line.productId}`,
          gtin: null,
          name: line.product,
          brand: null,
          category: null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await ctx.db
        .insertInto('purchasing.offers')
        .values({
          id: line.offerId,
          supplier_id: supplierId,
          product_id: line.productId,
          sku: null,
          name: line.product,
          unit: line.unit,
          pack_quantity: line.packQuantity,
          pack_price_minor: line.packPriceMinor,
          currency,
          stock_packs: null,
          minimum_packs: 1,
          search_text: line.product,
          created_at: now,
          updated_at: now,
          archived_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }
}

let quoteCounter = 0

/** A quote as `create_quote` stores it, good for half an hour. */
export async function insertQuote(
  ctx: DomainContext,
  owner: {
    readonly runId: string
    readonly placedBy?: 'run' | 'person'
    readonly list?: string
    readonly timeZone?: string
  },
  orders: readonly QuoteOrder[],
): Promise<string> {
  const content: QuoteContent = {
    orders: [...orders],
    unmet: [],
    alternatives: [],
    comparison: {
      cheapestPerItemMinor: null,
      landedMinor: 0,
      cheapestPackPerItemMinor: null,
      bestSingleSupplier: null,
    },
    orderEffortMinor: 0,
    method: 'enumeration',
    gap: null,
    solveMs: 0,
  }
  await insertOffers(ctx, orders)
  const id = `quo_${++quoteCounter}`
  const now = ctx.clock.now()
  await ctx.db
    .insertInto('purchasing.quotes')
    .values({
      id,
      run_id: owner.runId,
      list: owner.list ?? 'cafe',
      currency: 'EUR',
      time_zone: owner.timeZone ?? 'Europe/Berlin',
      placed_by: owner.placedBy ?? 'run',
      content: JSON.stringify(content),
      created_at: now,
      expires_at: new Date(now.getTime() + 30 * 60_000),
      placed_at: null,
      placed_fingerprint: null,
      placed_result: null,
    })
    .execute()
  return id
}

let runCounter = 0

/** A run of its own with one need and a quote for it: what a test places that isn't about the need. */
export async function insertReadyQuote(
  ctx: DomainContext,
  options: {
    readonly supplierId: string
    readonly lines?: readonly QuoteLine[]
    readonly order?: Partial<QuoteOrder>
    readonly timeZone?: string
  },
): Promise<{ readonly quoteId: string; readonly caller: RunCaller; readonly itemId: string }> {
  const run = `run_${++runCounter}`
  const caller = buildCaller(run)
  const itemId = `itm_of_${run}`
  const lines = options.lines ?? [buildLine(itemId)]
  const itemIds = [...new Set(lines.map((line) => line.itemId))]
  const timeZone = options.timeZone ?? 'Europe/Berlin'
  await registerRun(
    ctx,
    caller,
    itemIds.map((id) => buildNeed(id)),
    timeZone,
  )
  const quoteId = await insertQuote(ctx, { runId: run, timeZone }, [
    buildQuoteOrder(options.supplierId, lines, options.order),
  ])
  return { quoteId, caller, itemId }
}

/** The same for a person's client: a stand-in for a run is registered for each of its quotes. */
export async function insertPersonQuote(ctx: DomainContext, supplierId: string): Promise<string> {
  const runId = `person_${++runCounter}`
  const itemId = `itm_of_${runId}`
  await replaceNeeds(ctx, runId, {
    list: 'cafe',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    needs: [buildNeed(itemId, { origin: 'person_client' })],
  })
  return insertQuote(ctx, { runId, placedBy: 'person' }, [buildQuoteOrder(supplierId, [buildLine(itemId)])])
}

/** An accepted order of one line, approved and due to be sent. */
export async function placeOne(
  ctx: DomainContext,
  supplierId: string,
  options: { readonly lines?: readonly QuoteLine[]; readonly order?: Partial<QuoteOrder> } = {},
): Promise<string> {
  const { quoteId, caller } = await insertReadyQuote(ctx, { supplierId, ...options })
  const { results } = await placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' })
  const orderId = results[0]?.orderId
  if (!orderId) throw new Error(`the order was refused: ${JSON.stringify(results)}`)
  return orderId
}
