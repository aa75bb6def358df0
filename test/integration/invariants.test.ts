import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readOrders } from '../../src/cli/commands/import-orders.js'
import { assertInvariants, findViolations } from '../../src/invariants/find-violations.js'
import { invariants } from '../../src/invariants/index.js'
import { allowedMoves } from '../../src/invariants/statuses.js'
import { countUnappliedEvents } from '../../src/invariants/sync.js'
import type { Database } from '../../src/platform/database.js'
import { processors } from '../../src/processors/index.js'
import {
  exportCatalog,
  exportOrders,
  exportReceipts,
  exportSuppliers,
} from '../../src/purchasing/catalog/export-csv.js'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { importReceipts } from '../../src/purchasing/orders/import-receipts.js'
import { isAllowedMove, orderStatuses } from '../../src/purchasing/orders/order-status.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { countStock } from '../../src/stock/count-stock.js'
import { exportItems } from '../../src/stock/export-items.js'
import { importItems } from '../../src/stock/import-items.js'
import { listItems } from '../../src/stock/list-items.js'
import { recordUse } from '../../src/stock/record-use.js'
import { undoMovement } from '../../src/stock/undo-movement.js'
import { attempt, openTestShop, type TestShop } from '../helpers/cafe.js'
import { csvBytes } from '../helpers/purchasing-builders.js'
import { type CliResult, createTestCli, type TestCli } from '../helpers/run-cli.js'

const dayMs = 86_400_000
let shop: TestShop

/** A café after weeks: runs, orders in every usual state, deliveries whole and in part, a decline, counts and an undo. */
beforeAll(async () => {
  shop = await openTestShop()
  const { ctx, database } = shop
  await applyLimits(ctx, {
    list: 'cafe',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    source: 'person',
    limits: {
      per_order: 5_000,
      per_day: 9_000,
      per_week: 12_000,
      per_month: 20_000,
      max_line_amount: 2_000,
      orders_per_day: 50,
      orders_per_run: 20,
      per_supplier: { 'molkerei-nord': { per_month: 20_000 } },
    },
  })
  await shop.run()
  const [waiting] = await findOrders(ctx, { status: 'awaiting_approval', limit: 1 })
  await declineOrder(ctx, { orderId: waiting?.orderId ?? '', by: 'Ada', reason: 'not now' })
  await shop.submitAndDeliver()
  database.clock.advance(7 * dayMs)
  await shop.submitAndDeliver()
  for (const item of (await listItems(ctx, { list: 'cafe', filter: 'all' })).slice(0, 5)) {
    await recordUse(ctx, { item: item.itemId, quantity: 1 })
    await countStock(ctx, { item: item.itemId, quantity: 1 })
  }
  const { rows } = await sql<{ id: number }>`select max(id) as id from stock.movements where kind = 'count'`.execute(
    ctx.db,
  )
  await undoMovement(ctx, { movementId: rows[0]?.id ?? 0 })
  database.clock.advance(7 * dayMs)
  await shop.run()
  for (const { orderId } of await findOrders(ctx, { status: 'awaiting_approval', limit: 1 })) {
    await approveOrder(ctx, { orderId, by: 'Ada' })
  }
  const [sent] = await findOrders(ctx, { status: 'approved', limit: 1 })
  await processors['submit-order'](shop.worker, { orderId: sent?.orderId ?? '' }, attempt())
  const [line] = sent?.lines ?? []
  await receiveOrder(ctx, {
    orderId: sent?.orderId ?? '',
    lines: [{ line: line?.lineId ?? '', quantity: 1 }],
    by: 'Ada',
  })
  await processors['sync-stock'](shop.worker, {}, attempt())
})
afterAll(() => shop.close())

describe('a healthy café', () => {
  it('breaks no invariant', async () => {
    const { rows } = await sql<{ status: string }>`select distinct status from purchasing.orders order by 1`.execute(
      shop.ctx.db,
    )
    expect(rows.map(({ status }) => status)).toEqual(
      expect.arrayContaining(['approved', 'declined', 'partially_received', 'received']),
    )
    expect(await findViolations(shop.ctx.db)).toEqual([])
    await assertInvariants(shop.ctx.db)
    expect(await countUnappliedEvents(shop.ctx.db)).toBe(0)
  })

  it('may have events that the list has yet to hear of', async () => {
    await withPlanted(['delete from stock.applied_events', 'delete from restock.sync_cursors'], async (db) => {
      expect(await countUnappliedEvents(db)).toBeGreaterThan(10)
      expect(await findViolations(db)).toEqual([])
    })
  })
})

describe('a café whose orders were placed elsewhere', () => {
  it('breaks no invariant, before its receipts are known and after', async () => {
    const { ctx } = shop
    const file = (content: string, fileName: string) => ({
      bytes: csvBytes(content),
      fileName,
      list: 'cafe',
      by: 'Ada',
    })
    const moved = await openTestShop({ example: false })
    moved.database.clock.set(ctx.clock.now())
    try {
      await importSuppliers(moved.ctx, file(await exportSuppliers(ctx), 'suppliers.csv'))
      await importCatalog(moved.ctx, file(await exportCatalog(ctx), 'catalog.csv'))
      await importItems(moved.ctx, file(await exportItems(ctx, { list: 'cafe' }), 'items.csv'))
      const orders = file(await exportOrders(ctx, 'cafe'), 'orders.csv')
      const { created } = await readOrders(moved.ctx, { ...orders, leaveOutUnsent: true })
      expect(created).toBeGreaterThan(3)
      expect(await findViolations(moved.ctx.db)).toEqual([])
      await importReceipts(moved.ctx, file(await exportReceipts(ctx, 'cafe'), 'receipts.csv'))
      await processors['sync-stock'](moved.worker, {}, attempt())
      expect(await findViolations(moved.ctx.db)).toEqual([])
      await moved.run()
      expect(await findViolations(moved.ctx.db)).toEqual([])
    } finally {
      await moved.close()
    }
  })
})

it('has the same table of moves as the code that makes them', () => {
  expect(Object.keys(allowedMoves)).toEqual(orderStatuses)
  for (const from of orderStatuses) {
    expect(allowedMoves[from], from).toEqual(orderStatuses.filter((to) => isAllowedMove(from, to)).sort(byMoves(from)))
  }
})

const byMoves = (from: string) => (a: string, b: string) =>
  (allowedMoves[from]?.indexOf(a) ?? 0) - (allowedMoves[from]?.indexOf(b) ?? 0)

class RollBack extends Error {}

/** On a copy that nobody else sees: everything is rolled back, dropped constraints too. */
async function withPlanted(
  statements: readonly string[],
  look: (db: Kysely<Database>) => Promise<void>,
): Promise<void> {
  const work = shop.ctx.db.transaction().execute(async (tx) => {
    for (const statement of statements) await sql.raw(statement).execute(tx)
    await look(tx)
    throw new RollBack()
  })
  await expect(work).rejects.toBeInstanceOf(RollBack)
}

const orders = 'purchasing.orders'
const lines = 'purchasing.order_lines'
const anOrder = `(select min(id) from ${orders} where status = 'received')`
const openOrder = `(select min(id) from ${orders} where status = 'approved')`
const aLine = `(select min(id) from ${lines} where order_id = ${anOrder})`
const anOpenLine = `(select min(id) from ${lines} where order_id = ${openOrder})`
const aQuote = `(select quote_id from ${orders} where id = ${openOrder})`
const aRun = `(select max(id) from restock.runs where status = 'completed')`
const openItem = `(select item_id from ${lines} where id = ${anOpenLine})`
const limit = (settings: string) =>
  `update purchasing.list_limits set settings = settings || '${settings}' where list = 'cafe'`
const orderTwice = `insert into ${orders} select (jsonb_populate_record(o, jsonb_build_object('id', o.id || '_b',
  'idempotency_key', o.id || '_b', 'quote_id', o.quote_id || '_b'))).* from ${orders} o where id = ${openOrder}`

/** By invariant: what to do to the database to break it. Where the database itself forbids it, its constraint goes first. */
const planted: Readonly<Record<string, readonly (readonly string[])[]>> = {
  order_totals: [
    [`update ${orders} set subtotal_minor = subtotal_minor + 1, total_minor = total_minor + 1 where id = ${anOrder}`],
    [
      `alter table ${orders} drop constraint orders_check`,
      `update ${orders} set total_minor = total_minor + 1 where id = ${anOrder}`,
    ],
    [`update purchasing.deliveries set line_id = line_id`, `delete from purchasing.deliveries`, `delete from ${lines}`],
  ],
  line_sums: [
    [
      `alter table ${lines} drop constraint order_lines_check`,
      `update ${lines} set quantity = quantity + 1 where id = ${aLine}`,
    ],
    [
      `alter table ${lines} drop constraint order_lines_check1`,
      `update ${lines} set line_total_minor = line_total_minor - 1 where id = ${aLine}`,
    ],
  ],
  order_origin: [
    [`update ${orders} set run_id = null where id = ${anOrder}`],
    [`update ${orders} set rationale = ' ' where id = ${anOrder}`],
    [`update ${orders} set list = 'lab' where id = ${anOrder}`],
    [`update ${orders} set placed_by = 'person' where id = ${anOrder}`],
    [`update purchasing.quotes set placed_at = null where id = ${aQuote}`],
  ],
  order_run: [
    [`update restock.runs set dry_run = true`],
    [`update restock.runs set list = 'lab'`],
    [
      `update purchasing.quotes set run_id = 'run_nobody' where id = ${aQuote}`,
      `update ${orders} set run_id = 'run_nobody' where quote_id = ${aQuote}`,
    ],
  ],
  quote_placed_once: [
    [`update purchasing.quotes set placed_result = jsonb_set(placed_result, '{results}', '[]') where id = ${aQuote}`],
    [
      `alter table ${orders} drop constraint orders_quote_id_supplier_id_key`,
      `insert into ${orders} select (jsonb_populate_record(o, '{"id": "ord_second", "idempotency_key": "ord_second"}')).* from ${orders} o where id = ${openOrder}`,
    ],
    [`update purchasing.quotes set placed_result = null where id = ${aQuote}`],
  ],
  quote_in_time: [[`update purchasing.quotes set expires_at = placed_at - interval '1 hour' where id = ${aQuote}`]],
  order_as_quoted: [
    [`update ${lines} set item_id = 'itm_other' where id = ${aLine}`],
    [`update ${lines} set offer_id = 'off_other' where id = ${aLine}`],
    [
      `update ${lines} set packs = packs + 1, quantity = quantity + pack_quantity, line_total_minor = line_total_minor + pack_price_minor where id = ${aLine}`,
    ],
    [`update ${orders} set subtotal_minor = subtotal_minor + 1, total_minor = total_minor + 1 where id = ${anOrder}`],
    [`update ${orders} set subtotal_minor = subtotal_minor - 1, total_minor = total_minor - 1 where id = ${anOrder}`],
    [
      `insert into purchasing.suppliers select (jsonb_populate_record(s, '{"id": "else"}')).* from purchasing.suppliers s limit 1`,
      `update ${orders} set supplier_id = 'else' where id = ${anOrder}`,
    ],
  ],
  status_moves: [
    [`update purchasing.order_history set kind = 'declined' where order_id = ${anOrder} and kind = 'received'`],
    [
      `update purchasing.order_history set details = details || '{"from": "unknown"}' where order_id = ${anOrder} and kind = 'submitting'`,
    ],
    [`delete from purchasing.order_history where order_id = ${anOrder} and kind = 'submitting'`],
    [`delete from purchasing.order_history where order_id = ${anOrder} and kind = 'placed'`],
    [
      `insert into purchasing.order_history (order_id, at, kind, actor, details) values (${openOrder}, now(), 'placed', 'x', '{"status": "approved"}')`,
    ],
    [
      `update purchasing.order_history set details = details || '{"status": "received"}' where order_id = ${anOrder} and kind = 'placed'`,
    ],
  ],
  status_told: [
    [`update ${orders} set status = 'unknown' where id = ${openOrder}`],
    [`delete from purchasing.order_history where order_id = ${anOrder}`],
  ],
  approval_given: [
    [`update ${orders} set approval_reasons = '["too dear"]' where id = ${anOrder}`],
    [`update ${orders} set status = 'awaiting_approval' where approval_reasons = '[]'`],
  ],
  approval_recorded: [[`update ${orders} set approved_by = 'the agent' where id = ${anOrder}`]],
  agent_request_approved: [
    [
      `update purchasing.quotes set content = replace(content::text, '"needsPersonBecause": []', '"needsPersonBecause": ["agent_request"]')::jsonb where id = ${aQuote}`,
    ],
  ],
  line_needed: [
    [`update ${lines} set need = null where id = ${aLine}`],
    [`update ${lines} set need = '{}' where id = ${aLine}`],
  ],
  need_not_exceeded: [
    [
      `update ${lines} set need = need || '{"quantity": 0.001, "minimumPacks": 1}' where packs > 1 and order_id = ${openOrder}`,
    ],
    // The same need bought by two quotes that both saw nothing on order.
    [
      `insert into purchasing.quotes select (jsonb_populate_record(q, jsonb_build_object('id', q.id || '_b'))).* from purchasing.quotes q where id = ${aQuote}`,
      orderTwice,
      `insert into ${lines} select (jsonb_populate_record(l, jsonb_build_object('id', l.id || '_b', 'order_id', l.order_id || '_b'))).* from ${lines} l where order_id = ${openOrder}`,
      `insert into purchasing.events (event_id, list, order_id, line_id, item_id, type, payload, at) select event_id || '_b', list, order_id || '_b', line_id || '_b', item_id, type, payload, at from purchasing.events where order_id = ${openOrder}`,
    ],
  ],
  commitment_row: [[`delete from purchasing.item_commitments where item_id = ${openItem}`]],
  supplier_allowed: [[limit('{"allowed_suppliers": ["nobody"]}')]],
  offer_of_supplier: [
    [
      `update purchasing.offers set supplier_id = (select max(id) from purchasing.suppliers) where id in (select offer_id from ${lines} where order_id in (select id from ${orders} where supplier_id <> (select max(id) from purchasing.suppliers)))`,
    ],
    [`update ${lines} set offer_id = 'off_nowhere' where id = ${aLine}`],
  ],
  item_of_list: [
    [
      `insert into stock.lists select (jsonb_populate_record(l, '{"id": "lab"}')).* from stock.lists l`,
      `update stock.items set list = 'lab' where id = ${openItem}`,
    ],
  ],
  unit_price_cap: [[`update purchasing.needs set max_unit_price = '0.000001' where item_id = ${openItem}`]],
  budget_reserved: [
    [`delete from purchasing.reservations where order_id = ${anOrder}`],
    [`update purchasing.reservations set list = 'lab' where order_id = ${anOrder}`],
    [`update purchasing.reservations set currency = 'USD' where order_id = ${anOrder}`],
  ],
  budget_state: [
    [`update purchasing.reservations set state = 'reserved' where order_id = ${anOrder}`],
    [`update purchasing.reservations set state = 'released' where order_id = ${openOrder}`],
    [`update purchasing.reservations set state = 'released' where order_id = ${anOrder}`],
  ],
  budget_released: [[`update purchasing.reservations set state = 'reserved' where state = 'released'`]],
  budget_amount: [
    [`update purchasing.reservations set amount_minor = amount_minor - 1 where order_id = ${openOrder}`],
    [
      `update ${orders} set status = 'closed_short' where id = ${anOrder}`,
      `update purchasing.reservations set amount_minor = amount_minor + 1 where order_id = ${anOrder}`,
    ],
  ],
  limit_per_day: [[limit('{"per_day": "0.01"}')], [limit('{"per_day": 0}')]],
  limit_per_week: [[limit('{"per_week": "1"}')]],
  limit_per_month: [[limit('{"per_month": "1"}')]],
  limit_per_order: [
    [limit('{"per_order": "1"}')],
    [
      `update purchasing.list_limits set settings = settings || jsonb_build_object('per_supplier', (select jsonb_object_agg(id, '{"per_order": "1"}'::jsonb) from purchasing.suppliers))`,
    ],
  ],
  limit_per_supplier: [
    [
      `update purchasing.list_limits set settings = settings || jsonb_build_object('per_supplier', (select jsonb_object_agg(id, '{"per_month": "1"}'::jsonb) from purchasing.suppliers))`,
    ],
  ],
  limit_max_line_amount: [[limit('{"max_line_amount": "0.5"}')]],
  limit_orders_per_day: [[limit('{"orders_per_day": 1}')]],
  limit_orders_per_run: [[limit('{"orders_per_run": 0}')]],
  approval_asked: [
    [limit('{"approve_above": "1"}')],
    [`update ${orders} set placed_by = 'person', run_id = null, approval_reasons = '[]' where id = ${openOrder}`],
  ],
  received_sums: [
    [`update ${lines} set received_quantity = received_quantity + 1 where id = ${aLine}`],
    [`update purchasing.deliveries set order_id = ${openOrder} where order_id = ${anOrder}`],
    [`delete from purchasing.deliveries where line_id = ${aLine}`],
  ],
  received_whole: [
    [`update ${lines} set received_quantity = 0 where id = ${aLine}`],
    [`update ${lines} set received_quantity = 1 where id = ${anOpenLine}`],
  ],
  delivery_counted_once: [
    [
      `update stock.movements set delivery_id = 'dlv_else' where id = (select min(id) from stock.movements where kind = 'delivery')`,
    ],
    [
      `update stock.movements set quantity = quantity + 1 where id = (select min(id) from stock.movements where kind = 'delivery')`,
    ],
    [
      `alter table stock.movements drop constraint movements_delivery_id_key`,
      `insert into stock.movements (item_id, kind, quantity, at, actor, cause, delivery_id) select item_id, kind, quantity, at, actor, cause, delivery_id from stock.movements where kind = 'delivery' limit 1`,
    ],
  ],
  delivery_known: [
    [
      `update stock.movements set delivery_id = 'dlv_made_up' where id = (select min(id) from stock.movements where kind = 'delivery')`,
    ],
    [`update stock.movements set delivery_id = null where kind = 'delivery'`],
    [
      `alter table stock.movements drop constraint movements_delivery_id_key`,
      `insert into stock.movements (item_id, kind, quantity, at, actor, cause, delivery_id) select item_id, kind, quantity, at, actor, cause, delivery_id from stock.movements where kind = 'delivery' limit 1`,
    ],
  ],
  events_complete: [
    [`delete from purchasing.events where line_id = ${aLine} and payload ->> 'status' = 'received'`],
    [`delete from purchasing.events where type = 'line_opened' and line_id = ${aLine}`],
    [`delete from purchasing.events where line_id = ${aLine}`],
    [
      `update purchasing.events set payload = payload || '{"quantity": 1}' where seq = (select max(seq) from purchasing.events where line_id = ${anOpenLine})`,
    ],
    [`update purchasing.events set item_id = 'itm_else' where line_id = ${aLine}`],
  ],
  event_ids: [
    [
      `alter table purchasing.events drop constraint events_event_id_key`,
      `insert into purchasing.events (event_id, list, order_id, line_id, item_id, type, payload, at) select event_id, list, order_id, line_id, item_id, type, payload, at from purchasing.events where seq = (select max(seq) from purchasing.events)`,
    ],
    [`delete from purchasing.events where type = 'delivery' and line_id = ${aLine}`],
  ],
  cursor_applied: [
    [`delete from stock.applied_events where event_id = (select event_id from purchasing.events where seq = 2)`],
  ],
  list_follows: [
    [`update stock.expected_receipts set received = received + 1 where line_id = ${aLine}`],
    [`update stock.expected_receipts set ordered = ordered + 1 where line_id = ${anOpenLine}`],
    [`update stock.expected_receipts set status = 'submitted' where line_id = ${anOpenLine}`],
    [`delete from stock.expected_receipts where line_id = ${aLine}`],
  ],
  list_on_order: [
    [`update stock.expected_receipts set ordered = ordered + 1 where line_id = ${anOpenLine}`],
    [`update stock.expected_receipts set is_final = true where line_id = ${anOpenLine}`],
  ],
  receipts_known: [
    [`update stock.expected_receipts set line_id = 'lin_made_up' where line_id = ${anOpenLine}`],
    [`update stock.expected_receipts set item_id = 'itm_else' where line_id = ${anOpenLine}`],
  ],
  stock_booked: [
    [
      `update stock.movements set quantity = quantity + 1 where id = (select max(id) from stock.movements where kind = 'count')`,
    ],
    [`delete from stock.movements where kind = 'use'`],
  ],
  undone_once: [
    [`update stock.movements set quantity = quantity + 1 where undoes is not null`],
    [
      `drop index stock.movements_undoes`,
      `insert into stock.movements (item_id, kind, quantity, at, actor, cause, undoes) select item_id, kind, quantity, at, actor, cause, undoes from stock.movements where undoes is not null`,
    ],
  ],
  runs_move_no_stock: [[`update stock.movements set actor = 'run:run_1' where kind = 'use'`]],
  agents_only_request: [[`update stock.items set origin = 'agent' where kind = 'stock'`]],
  links_confirmed_by_people: [
    [
      `insert into stock.links (item_id, product_id, status, created_at, confirmed_by, confirmed_at) values (${openItem}, 'prd_x', 'confirmed', now(), 'run:run_1', now())`,
    ],
    [
      `insert into stock.links (item_id, product_id, status, created_at) values (${openItem}, 'prd_x', 'confirmed', now())`,
    ],
  ],
  run_decisions: [
    [`update restock.runs set outcome = jsonb_set(outcome, '{items}', '[]') where id = ${aRun}`],
    [`update restock.runs set outcome = jsonb_set(outcome, '{items,0,decision}', '"maybe"') where id = ${aRun}`],
    [`update restock.runs set outcome = jsonb_set(outcome, '{items,0,reason}', '""') where id = ${aRun}`],
    [`update restock.runs set outcome = null where id = ${aRun}`],
    [`update restock.runs set status = 'failed', outcome = null where id = ${aRun}`],
  ],
  one_run_at_work: [
    [
      `drop index restock.runs_one_at_work`,
      `update restock.runs set status = 'running', lease_until = now() + interval '1 minute'`,
    ],
  ],
  run_not_stuck: [
    [`update restock.runs set status = 'running', lease_until = now() - interval '3 hours' where id = ${aRun}`],
    [`update restock.runs set status = 'running', lease_until = null where id = ${aRun}`],
  ],
  run_once_a_slot: [
    [
      `insert into restock.schedules (id, name, list, cron, time_zone, misfire, overlap, catch_up_window_ms, source, created_at, updated_at) values ('sch_1', 'daily', 'cafe', '0 6 * * *', 'UTC', 'skip', 'skip', 0, 'person', now(), now())`,
      `alter table restock.runs drop constraint runs_schedule_id_slot_key`,
      `update restock.runs set schedule_id = 'sch_1', slot = '2026-03-02T06:00:00Z'`,
    ],
  ],
  fences_follow_claims: [
    [`update purchasing.fences set epoch = epoch + 1`],
    [`update stock.fences set epoch = epoch - 1`],
  ],
}

describe('restock doctor --deep', () => {
  const clis: TestCli[] = []
  afterEach(() => {
    for (const cli of clis.splice(0)) cli.remove()
  })
  const doctor = (...options: string[]) => {
    const cli = createTestCli({ env: { DATABASE_URL: shop.database.url, RESTOCK_WEB_PORT: '0' } })
    clis.push(cli)
    return cli.run('doctor', ...options, '--json')
  }
  const booksOf = ({ json }: CliResult) =>
    (json().checks as { name: string; ok: boolean; detail: string }[]).filter(({ name }) => name.startsWith('books'))

  it('says that the books are sound, and looks at them only when asked', async () => {
    expect(booksOf(await doctor('--deep'))).toEqual([
      { name: 'books', ok: true, detail: `all ${invariants.length} invariants hold` },
    ])
    expect(booksOf(await doctor())).toEqual([])
  })

  it('names the rule that is broken, by what, and what to do', async () => {
    const { db } = shop.ctx
    const change = (by: number) =>
      sql`update purchasing.reservations set amount_minor = amount_minor + ${by} where state = 'settled'`.execute(db)
    await change(1)
    try {
      const result = await doctor('--deep')
      expect(result.exitCode).toBe(1)
      expect(booksOf(result)).toEqual([
        {
          name: 'books: budget_amount',
          ok: false,
          detail: expect.stringMatching(
            /^The budget of an order is its total.*ord_\d+: \d+ for a total of .*and \d+ more.*paused true/,
          ),
        },
      ])
    } finally {
      await change(-1)
    }
  })
})

describe('every invariant', () => {
  it('has a planted violation', () => {
    expect(Object.keys(planted).sort()).toEqual(invariants.map(({ name }) => name).sort())
    expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length)
  })

  const cases = Object.entries(planted).flatMap(([name, plants]) =>
    plants.map((statements, index) => [`${name} (${index + 1})`, name, statements] as const),
  )
  it.each(cases)('%s is found broken', async (_, name, statements) => {
    await withPlanted(statements, async (db) => {
      const violations = await findViolations(db)
      expect([...new Set(violations.map(({ invariant }) => invariant))]).toContain(name)
      const [found] = violations.filter(({ invariant }) => invariant === name)
      expect(found?.subject).toMatch(/\S/)
      expect(found?.detail).toMatch(/\S{2}/)
      await expect(assertInvariants(db)).rejects.toThrow(found?.rule)
    })
  })
})
