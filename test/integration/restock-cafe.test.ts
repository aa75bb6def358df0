import type { Model } from '@openai/agents'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModelFactory } from '../../src/agent/models/index.js'
import { RulesModel } from '../../src/agent/models/rules.js'
import { processors } from '../../src/processors/index.js'
import { findQuotes } from '../../src/purchasing/quotes/find-quotes.js'
import { maxEpochs } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { addItem } from '../../src/stock/add-item.js'
import { countStock } from '../../src/stock/count-stock.js'
import { listItems } from '../../src/stock/list-items.js'
import { snoozeItem } from '../../src/stock/snooze-item.js'
import { attempt, boughtLines, openTestShop, type TestShop } from '../helpers/cafe.js'

const dayMs = 86_400_000
let shop: TestShop
afterEach(() => shop.close())

describe('restocking the example café', () => {
  it('decides all 45 due items and orders what can be bought, in whole packs, at least the need', async () => {
    shop = await openTestShop()
    const { outcome } = await shop.run()
    expect(outcome.items).toHaveLength(45)
    const by = (decision: string) => outcome.items.filter((item) => item.decision === decision)
    expect(by('ordered').length + by('pending_approval').length).toBe(42)
    // The one supplier with products that were found by name waits for a person, and nobody else does.
    const waiting = outcome.orders.filter((order) => order.status === 'awaiting_approval')
    expect(waiting.map((order) => order.supplier)).toEqual(['Glanzmoor Hygiene & Verpackung'])
    for (const item of by('ordered')) expect(item.orderedQuantity, item.name).toBeGreaterThanOrEqual(item.needQuantity)
    const reasonOf = (name: RegExp) => outcome.items.find((item) => name.test(item.name))
    expect(reasonOf(/Pistachio/)).toMatchObject({ decision: 'needs_attention', orderedQuantity: 0 })
    expect(reasonOf(/Ethiopia/)).toMatchObject({ decision: 'refused', orderedQuantity: 0 })
    expect(reasonOf(/honey/i)).toMatchObject({ decision: 'needs_attention', orderedQuantity: 0 })
    for (const item of outcome.items) expect(item.reason, item.name).toMatch(/\S{3}/)
  })

  it('remembers what else could have covered each need, for who asks why', async () => {
    shop = await openTestShop()
    const run = await shop.run()
    const [quote] = await findQuotes(shop.ctx, run.id)
    const milk = run.outcome.items.find((item) => /^Whole milk/.test(item.name))
    const others = quote?.alternatives.filter((alternative) => alternative.itemId === milk?.itemId) ?? []
    const bought = run.outcome.orders.flatMap((order) => order.lines).find((line) => line.itemId === milk?.itemId)
    expect(others.length).toBeGreaterThan(0)
    for (const other of others) {
      expect(other.packs * other.packQuantity).toBeGreaterThanOrEqual(milk?.needQuantity ?? Number.NaN)
      expect(other.goodsMinor).toBe(other.packs * other.packPriceMinor)
      expect(other.goodsMinor).toBeGreaterThanOrEqual(bought?.lineTotalMinor ?? Number.NaN)
    }
  })

  it('counts a need that is split over suppliers as one', async () => {
    shop = await openTestShop()
    const { outcome } = await shop.run()
    const oat = outcome.items.find((item) => /oat drink barista/i.test(item.name))
    const lines = outcome.orders
      .flatMap((order) => order.lines.map((line) => ({ ...line, supplier: order.supplier })))
      .filter((line) => line.itemId === oat?.itemId)
    expect(new Set(lines.map((line) => line.supplier)).size).toBeGreaterThan(1)
    expect(oat).toMatchObject({ needQuantity: 60 })
    expect(oat?.orderedQuantity).toBe(lines.reduce((sum, line) => sum + line.quantity, 0))
  })

  it('orders nothing the second time', async () => {
    shop = await openTestShop()
    const first = await shop.run()
    const second = await shop.run()
    expect(first.outcome.usage.modelCalls).toBeGreaterThan(2)
    expect(second.outcome.orders).toEqual([])
    const due = new Set(second.outcome.items.map((item) => item.itemId))
    // Only what could not be bought is still due.
    for (const item of first.outcome.items) expect(due.has(item.itemId), item.name).toBe(item.orderedQuantity === 0)
  })

  it('makes no model call when nothing is due', async () => {
    shop = await openTestShop()
    for (const item of await listItems(shop.ctx, { list: 'cafe', filter: 'due' })) {
      // A count can't meet a standing need; a snooze can.
      if (item.kind === 'standing')
        await snoozeItem(shop.ctx, { item: item.itemId, days: 7, reason: 'closed for a week' })
      else await countStock(shop.ctx, { item: item.itemId, quantity: 100_000 })
    }
    const { outcome } = await shop.run()
    expect(outcome).toMatchObject({ items: [], orders: [], usage: { modelCalls: 0 } })
  })

  it('orders again after deliveries and a week of projected use', async () => {
    shop = await openTestShop()
    const first = await shop.run()
    await shop.submitAndDeliver()
    shop.database.clock.advance(7 * dayMs)
    await shop.submitAndDeliver()
    const before = await listItems(shop.ctx, { list: 'cafe', filter: 'all' })
    const ordered = first.outcome.items.filter((item) => item.decision === 'ordered')
    for (const item of ordered) expect(before.find((view) => view.itemId === item.itemId)?.onOrder, item.name).toBe(0)
    shop.database.clock.advance(7 * dayMs)
    const later = await shop.run()
    expect(later.outcome.orders.length).toBeGreaterThan(0)
    for (const item of later.outcome.items.filter((entry) => entry.decision === 'ordered')) {
      // What a supplier said it has is less what was bought of it since.
      if (/short of the .* needed: Suppliers have less/.test(item.reason)) continue
      expect(item.orderedQuantity).toBeGreaterThanOrEqual(item.needQuantity)
    }
  })

  it('orders once when two runs start at once', async () => {
    shop = await openTestShop()
    const runs = [await createRun(shop.ctx, { list: 'cafe' }), await createRun(shop.ctx, { list: 'cafe' })]
    const carryOut = async (runId: string): Promise<void> => {
      for (;;) {
        const answer = await processors.replenish(shop.worker, { runId }, attempt())
        if (answer?.retryAt === undefined) return
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await Promise.all(runs.map((run) => carryOut(run.id)))
    const outcomes = await Promise.all(runs.map(async (run) => (await getRun(shop.ctx, run.id)).outcome))
    const withOrders = outcomes.filter((outcome) => (outcome?.orders.length ?? 0) > 0)
    expect(withOrders).toHaveLength(1)
  })

  it('orders once when its job is delivered twice, one after the other or at the same time', async () => {
    shop = await openTestShop()
    const run = await createRun(shop.ctx, { list: 'cafe' })
    const answers = await Promise.all(
      [1, 2, 3].map(() => processors.replenish(shop.worker, { runId: run.id }, attempt())),
    )
    expect(answers.filter((answer) => answer?.retryAt !== undefined)).toHaveLength(2)
    const first = await getRun(shop.ctx, run.id)
    expect(await processors.replenish(shop.worker, { runId: run.id }, attempt())).toBeUndefined()
    expect(await getRun(shop.ctx, run.id)).toEqual(first)
    expect(first.epoch).toBe(1)
    const orders = await shop.ctx.db.selectFrom('purchasing.orders').selectAll().execute()
    expect(orders).toHaveLength(first.outcome?.orders.length ?? 0)
  })

  it('orders nothing in a dry run, and says what it would have', async () => {
    shop = await openTestShop()
    const { outcome } = await shop.run({ dryRun: true })
    expect(outcome.orders).toEqual([])
    expect(outcome.items.filter((item) => /^dry run: would (order|wait)/.test(item.reason)).length).toBeGreaterThan(30)
    expect(await shop.ctx.db.selectFrom('purchasing.orders').selectAll().execute()).toEqual([])
    const { outcome: real } = await shop.run()
    expect(boughtLines(real).length).toBeGreaterThan(30)
  })
})

/** The rules, with something put into what they ask for. */
function taintedRules(taint: (toolArguments: string) => string): ModelFactory {
  const rules = new RulesModel()
  const model: Model = {
    async getResponse(request) {
      const response = await rules.getResponse(request)
      return {
        ...response,
        output: response.output.map((item) =>
          item.type === 'function_call' ? { ...item, arguments: taint(item.arguments) } : item,
        ),
      }
    },
    getStreamedResponse: () => rules.getStreamedResponse(),
  }
  return { choose: () => [{ name: 'tainted', model, followsInstructions: false }] }
}

describe('a run that something goes wrong with', () => {
  it('is not stopped by characters that can’t be stored', async () => {
    shop = await openTestShop()
    const models = taintedRules((text) => text.replace(/"rationale":"/, '"rationale":"\\u0000 \\ud83d '))
    const { status, outcome } = await shop.run({}, shop.withModels(models))
    expect(status).toBe('completed')
    expect(outcome.orders.length).toBeGreaterThan(3)
  })

  it('knows its orders even when the step that placed them could not be recorded', async () => {
    shop = await openTestShop()
    await shop.database.pool.query(`
      create function no_room() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
      create trigger no_room before update on restock.run_steps for each row when (new.name = 'place_order') execute function no_room()`)
    const created = await createRun(shop.ctx, { list: 'cafe' })
    await expect(processors.replenish(shop.worker, { runId: created.id }, attempt({ isLast: true }))).rejects.toThrow()
    const run = await getRun(shop.ctx, created.id)
    expect(run.status).toBe('failed')
    expect(run.outcome?.orders).toHaveLength(5)
    const bought = run.outcome?.items.filter(
      (item) => item.decision === 'ordered' || item.decision === 'pending_approval',
    )
    expect(bought).toHaveLength(42)
  })

  it('is wound up after too many attempts, with a decision for every item', async () => {
    shop = await openTestShop()
    const created = await createRun(shop.ctx, { list: 'cafe' })
    await processors.replenish(shop.worker, { runId: created.id }, attempt())
    const done = await getRun(shop.ctx, created.id)
    await shop.ctx.db
      .updateTable('restock.runs')
      .set({ status: 'running', outcome: null, epoch: maxEpochs, lease_until: new Date(0), finished_at: null })
      .where('id', '=', created.id)
      .execute()
    await processors.replenish(shop.worker, { runId: created.id }, attempt())
    const run = await getRun(shop.ctx, created.id)
    expect(run).toMatchObject({ status: 'failed', error: expect.stringContaining('Given up after 10 attempts') })
    expect(run.outcome?.orders).toHaveLength(done.outcome?.orders.length ?? 0)
    expect(run.outcome?.items).toHaveLength(45)
  })

  it('is not stopped by an item with a long unit or a need in the millions', async () => {
    shop = await openTestShop({ example: false })
    await addItem(shop.ctx, {
      list: 'cafe',
      name: 'Sugar',
      unit: 'g',
      onHand: 0,
      reorderPoint: 1,
      orderUpTo: 4_000_000,
    })
    await addItem(shop.ctx, {
      list: 'cafe',
      name: 'Odd',
      unit: 'bundles of a dozen small sachets',
      onHand: 0,
      reorderPoint: 1,
      orderUpTo: 2,
    })
    const { status, outcome } = await shop.run()
    expect(status).toBe('completed')
    expect(outcome.items.map((item) => [item.name, item.decision])).toEqual([
      ['Odd', 'needs_attention'],
      ['Sugar', 'needs_attention'],
    ])
  })
})
