import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { getOrderHistory } from '../../src/purchasing/orders/get-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import { createQuote } from '../../src/purchasing/quotes/create-quote.js'
import { buildNeed, buildOffer, buildSupplier, registerRun } from '../helpers/purchasing-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext
const dayMs = 86_400_000

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  await buildSupplier(ctx, { id: 'north' })
  await buildSupplier(ctx, { id: 'south' })
  await buildOffer(ctx, { supplierId: 'north', name: 'Oat drink', sku: 'OAT' })
  await buildOffer(ctx, { supplierId: 'south', name: 'Beans', sku: 'BEANS' })
})
afterAll(() => database.drop())

let counter = 0
let item: string
beforeEach(async () => {
  database.clock.set('2026-03-02T08:00:00Z')
  item = `itm_${++counter}`
  await limit('0')
})

const limit = (approveAbove: string | undefined, list = 'cafe') =>
  applyLimits(ctx, {
    list,
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    limits: { approve_above: approveAbove, person_orders_need_approval: false },
    source: 'person',
  })

const oat = (version: string | null) => buildNeed({ itemId: item, name: 'Oat milk', sku: 'OAT', version })

async function startRun(version: string | null, list = 'cafe') {
  return registerRun(ctx, [oat(version)], { run: `run_${++counter}`, list })
}

/** What a new run is offered for the item: its quote, or why there is none. */
async function offered(version: string | null = 'v1', list = 'cafe'): Promise<string> {
  const { content } = await createQuote(await startRun(version, list), {})
  return content.unmet[0]?.code ?? content.orders.map(({ supplierId }) => supplierId).join()
}

/** An order for the item that waits for a person. */
async function hold(version: string | null = 'v1'): Promise<string> {
  const run = await startRun(version)
  const { quoteId } = await createQuote(run, {})
  const { results } = await placeOrder(run, { quoteId: quoteId ?? '', rationale: 'low' })
  const orderId = results[0]?.orderId
  if (!orderId) throw new Error(`nothing waits: ${JSON.stringify(results)}`)
  return orderId
}

const decline = (orderId: string, forMs?: number) => declineOrder(ctx, { orderId, by: 'Ada', forMs })

describe('what a person declined', () => {
  it('is not offered again before a week is over, and then it is', async () => {
    await decline(await hold())
    expect(await offered()).toBe('declined')
    database.clock.advance(7 * dayMs - 1)
    expect(await offered()).toBe('declined')
    database.clock.advance(1)
    expect(await offered()).toBe('north')
  })

  it('is left out with the person, the day and the term', async () => {
    await decline(await hold(), 14 * dayMs)
    const { content, quoteId, messages } = await createQuote(await startRun('v1'), {})
    expect([quoteId, content.orders, messages]).toEqual([null, [], []])
    expect(content.unmet).toEqual([
      {
        itemId: item,
        quantity: 1,
        code: 'declined',
        text: '“Oat milk” was declined by Ada on 2026-03-02 and is not offered again before 2026-03-16, or until the item is changed.',
      },
    ])
  })

  it('doesn’t keep other items of the run from being bought', async () => {
    await decline(await hold())
    const beans = buildNeed({ itemId: `beans_${item}`, sku: 'BEANS' })
    const run = await registerRun(ctx, [oat('v1'), beans], { run: `run_${++counter}` })
    const { content } = await createQuote(run, { items: [{ itemId: item }, { itemId: beans.itemId }] })
    expect(content.unmet.map(({ code }) => code)).toEqual(['declined'])
    expect(content.orders.flatMap(({ lines }) => lines.map((line) => line.itemId))).toEqual([beans.itemId])
  })

  it('is offered at once when the item has been changed since, and stays so for the new one alone', async () => {
    await decline(await hold('v1'), 30 * dayMs)
    expect(await offered('v1')).toBe('declined')
    expect(await offered('v2')).toBe('north')
    await decline(await hold('v2'))
    expect(await offered('v2')).toBe('declined')
  })

  it('waits for its term where the list doesn’t say whether the item was changed', async () => {
    await decline(await hold(null))
    expect([await offered(null), await offered('v1')]).toEqual(['declined', 'declined'])
    item = `itm_${++counter}`
    await decline(await hold('v1'))
    expect(await offered(null)).toBe('declined')
    database.clock.advance(7 * dayMs)
    expect(await offered(null)).toBe('north')
  })

  it('is offered again at once where the person wants that, also as an afterthought', async () => {
    await decline(await hold(), 0)
    expect(await offered()).toBe('north')
    const orderId = await hold()
    await decline(orderId)
    expect(await offered()).toBe('declined')
    expect((await decline(orderId, 0)).status).toBe('declined')
    expect(await offered()).toBe('north')
    await decline(orderId, 2 * dayMs)
    expect(await offered()).toBe('declined')
    database.clock.advance(2 * dayMs)
    expect(await offered()).toBe('north')
    const steps = (await getOrderHistory(ctx, { orderId })).map(
      ({ kind, actor }) => `${kind} by ${actor.split(':')[0]}`,
    )
    expect(steps).toEqual(['placed by run', 'declined by person', 'decline_term by person', 'decline_term by person'])
    await expect(decline(orderId)).rejects.toThrow(/is declined, so it can.t become declined/)
  })

  it('can’t be bought with a quote from before, either', async () => {
    await limit(undefined)
    const run = await startRun('v1')
    const [first, second] = [await createQuote(run, {}), await createQuote(run, {})]
    await limit('0')
    const held = await placeOrder(run, { quoteId: first.quoteId ?? '', rationale: 'low' })
    await decline(held.results[0]?.orderId ?? '')
    await limit(undefined)
    const { results } = await placeOrder(run, { quoteId: second.quoteId ?? '', rationale: 'low' })
    expect(results).toMatchObject([{ outcome: 'refused', messages: [{ code: 'declined', severity: 'needs_human' }] }])
    expect(results[0]?.messages[0]?.text).toContain('declined by Ada on 2026-03-02')
  })

  it('may be bought by another list, and by a person’s own client', async () => {
    await decline(await hold())
    await limit(undefined, 'lab')
    expect(await offered('v1', 'lab')).toBe('north')
    await limit(undefined)
    const { productId } = await buildOffer(ctx, { supplierId: 'north', name: 'Oat drink', sku: 'OAT' })
    const asPerson = { ...ctx, caller: { kind: 'person' as const } }
    const items = [{ itemId: item, quantity: 1, unit: 'pcs', productIds: [productId] }]
    const { quoteId, content } = await createQuote(asPerson, { list: 'cafe', items })
    expect(content.unmet).toEqual([])
    const { results } = await placeOrder(asPerson, { quoteId: quoteId ?? '', rationale: 'I want it after all' })
    expect(results.map(({ outcome }) => outcome)).not.toContain('refused')
  })
})
