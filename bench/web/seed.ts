import { type Kysely, sql } from 'kysely'
import type { Database } from '../../src/platform/database.js'

export const seeded = { lists: 20, items: 5_000, orders: 50_000, runs: 10_000, offers: 10_000 }

const now = sql.raw(`timestamptz '2026-06-01 12:00:00Z'`)

/** Three years of twenty lists, written straight into the tables: what pages have to find their way through. */
export async function seedDatabase(db: Kysely<Database>): Promise<void> {
  const steps = [...shop, ...stock, ...runs, ...orders]
  for (const step of steps) await sql.raw(step.replaceAll('$now', now.compile(db).sql)).execute(db)
  await sql`analyze`.execute(db)
}

const shop = [
  `insert into stock.lists (id, name, currency, time_zone, source, demand_rules, created_at, updated_at)
   select 'list-' || n, 'List number ' || n, 'EUR', 'Europe/Berlin', 'person', '{}', $now, $now from generate_series(1, 20) n`,
  `insert into purchasing.list_limits (list, settings, source, currency, time_zone, updated_at)
   select 'list-' || n, '{"per_order": "800", "per_month": "8000", "approve_above": "600"}', 'person', 'EUR', 'Europe/Berlin', $now from generate_series(1, 20) n`,
  `insert into restock.schedules (id, name, list, cron, time_zone, misfire, overlap, catch_up_window_ms, source, next_slot, created_at, updated_at)
   select 'sch_' || n, 'list-' || n || '-daily', 'list-' || n, '0 6 * * *', 'Europe/Berlin', 'run_once', 'skip', 86400000, 'person',
     $now + interval '1 day', $now, $now from generate_series(1, 20) n`,
  `insert into purchasing.suppliers (id, name, channel, currency, tax_rate, shipping_fee_minor, minimum_order_minor, lead_time_days, created_at, updated_at)
   select 'supplier-' || n, 'Supplier number ' || n, 'simulated', 'EUR', 0.07, 490, 2000, 2, $now, $now from generate_series(1, 20) n`,
  `insert into purchasing.products (id, identity, name, brand, category, created_at)
   select 'prd_' || n, 'identity ' || n, 'Product number ' || n || ' of some kind', 'Brand ' || n % 50, 'Category ' || n % 30, $now from generate_series(1, 10000) n`,
  `insert into purchasing.offers (id, supplier_id, product_id, sku, name, unit, pack_quantity, pack_price_minor, currency, stock_packs, created_at, updated_at, search_text)
   select 'off_' || n, 'supplier-' || 1 + n % 20, 'prd_' || n, 'SKU-' || n, 'Product number ' || n || ' of some kind', 'pcs', 6, 500 + n % 2000, 'EUR', 1000, $now, $now,
     'product number ' || n || ' of some kind brand ' || n % 50 from generate_series(1, 10000) n`,
  `insert into purchasing.offer_prices (offer_id, pack_price_minor, currency, seen_at, source)
   select 'off_' || n, 400 + n % 2000 + k * 30, 'EUR', $now - k * interval '60 days', 'import' from generate_series(1, 10000) n, generate_series(0, 4) k`,
]

const stock = [
  `insert into stock.items (id, list, name, kind, sku, unit, daily_use, reorder_point, order_up_to, category, notes, origin, created_at, updated_at)
   select 'itm_' || n, 'list-' || 1 + n % 20, 'Item number ' || n || ' that must not run out', 'stock', 'SKU-' || n, 'pcs', 1 + n % 3, 10, 40,
     'Category ' || n % 30, 'Some note about item ' || n, 'person', $now - interval '2 years', $now - interval '1 year' from generate_series(1, 5000) n`,
  `insert into stock.movements (item_id, kind, quantity, counted, at, actor, cause)
   select 'itm_' || n, case when k % 3 = 0 then 'count' when k % 3 = 1 then 'use' else 'delivery' end, case when k % 3 = 1 then -4 else 12 end,
     case when k % 3 = 0 then 10 + (n + k) % 30 end, $now - (24 - k) * interval '10 days', 'person', 'counted on the round'
   from generate_series(1, 5000) n, generate_series(0, 23) k`,
  `insert into stock.links (item_id, product_id, status, created_at, confirmed_by, confirmed_at)
   select 'itm_' || n, 'prd_' || n, 'confirmed', $now, 'person', $now from generate_series(1, 5000) n`,
]

const decision = `case when i % 7 = 0 then 'pending_approval' when i % 11 = 0 then 'skipped' else 'ordered' end`

const runs = [
  `insert into restock.runs (id, list, status, trigger, schedule_id, slot, model, epoch, created_at, started_at, finished_at, fenced_at, error, outcome, snapshot)
   select 'run_' || n, 'list-' || 1 + n % 20, case when n % 200 = 0 then 'failed' else 'completed' end, 'schedule', 'sch_' || 1 + n % 20,
     $now - n * interval '1 hour', 'rules', 1, $now - n * interval '1 hour', $now - n * interval '1 hour', $now - n * interval '1 hour' + interval '3 seconds',
     $now, case when n % 200 = 0 then 'The model is away.' end,
     jsonb_build_object('model', 'rules', 'usage', jsonb_build_object('modelCalls', 6, 'inputTokens', 9000, 'outputTokens', 700), 'summary', 'list: 20 items due',
       'items', (select jsonb_agg(jsonb_build_object('itemId', 'itm_' || 1 + (n * 20 + i) % 5000, 'name', 'Item number ' || i, 'decision', ${decision},
         'reason', 'ordered 12 pcs as 2 × 6 pcs from Supplier number ' || i || ' for 12.50 EUR; due at 4 pcs, reorder point 10 pcs', 'needQuantity', 12, 'orderedQuantity', 12, 'unit', 'pcs'))
         from generate_series(1, 20) i),
       'orders', (select jsonb_agg(jsonb_build_object('id', 'ord_' || (n - 1) * 5 + k, 'supplier', 'Supplier number ' || k, 'status', 'approved', 'subtotalMinor', 5000,
         'shippingMinor', 490, 'taxMinor', 384, 'discountMinor', 0, 'totalMinor', 5874, 'currency', 'EUR', 'lines', '[]'::jsonb)) from generate_series(1, 5) k)),
     jsonb_build_object('list', 'list-' || 1 + n % 20, 'currency', 'EUR', 'timeZone', 'Europe/Berlin', 'asOf', '2026-06-01T00:00:00Z', 'items',
       (select jsonb_agg(jsonb_build_object('itemId', 'itm_' || 1 + (n * 20 + i) % 5000, 'name', 'Item number ' || i, 'kind', 'stock', 'unit', 'pcs', 'category', null, 'notes', null,
         'sku', null, 'gtin', null, 'maxUnitPrice', null, 'onHand', 4, 'onOrder', 0, 'position', 4, 'reorderPoint', 10, 'orderUpTo', 40, 'need', 36,
         'steps', '[{"rule": "up_to_level", "from": 0, "to": 36}]'::jsonb, 'links', '[]'::jsonb, 'origin', 'person', 'attention', null)) from generate_series(1, 20) i))
   from generate_series(1, 10000) n`,
  `insert into restock.run_steps (run_id, epoch, step, kind, name, request, response, started_at, duration_ms, input_tokens, output_tokens)
   select 'run_' || n, 1, k, case when k % 2 = 0 then 'model' else 'tool' end, case when k % 2 = 0 then 'rules' else 'search_catalog' end,
     json_build_object('arguments', json_build_object('queries', (select json_agg('item number ' || i) from generate_series(1, 20) i))),
     json_build_object('structuredContent', (select json_agg(json_build_object('product', 'prd_' || i, 'name', 'Product number ' || i)) from generate_series(1, 60) i)),
     $now - n * interval '1 hour', 40, 900, 70 from generate_series(1, 1000) n, generate_series(1, 12) k`,
  `insert into restock.audit (at, actor_kind, actor, action, subject, result, details)
   select $now - n * interval '10 minutes', 'local', 'local', 'countItem', 'itm_' || n, 'done', '{}' from generate_series(1, 20000) n`,
]

/** The newest few hundred are still open, in every way an order can be. */
const status = `case when n > 300 then case when n % 40 = 0 then 'cancelled' else 'received' end
  when n % 10 = 0 then 'awaiting_approval' when n % 10 = 1 then 'unknown' when n % 10 < 5 then 'submitted' else 'confirmed' end`

const orders = [
  `insert into purchasing.quotes (id, run_id, list, currency, time_zone, placed_by, content, created_at, expires_at)
   select 'quo_' || n, 'of run_' || n, 'list-' || 1 + n % 20, 'EUR', 'Europe/Berlin', 'run', '{}', $now, $now from generate_series(1, 10000) n`,
  `insert into purchasing.orders (id, idempotency_key, quote_id, run_id, list, supplier_id, supplier_name, channel, status, currency, subtotal_minor, shipping_minor,
     tax_minor, discount_minor, total_minor, rationale, placed_by, placed_at, updated_at, submitted_at, expected_at, approval_expires_at)
   select 'ord_' || n, 'key_' || n, 'quo_' || 1 + (n - 1) / 5, 'run_' || 1 + (n - 1) / 5, 'list-' || 1 + (1 + (n - 1) / 5) % 20, 'supplier-' || 1 + n % 5,
     'Supplier number ' || 1 + n % 5, 'simulated', ${status}, 'EUR', 5000, 490, 384, 0, 5874, 'The cheapest offers that cover each need.', 'run',
     $now - n * interval '12 minutes', $now - n * interval '12 minutes', $now - n * interval '12 minutes', $now - n * interval '12 minutes' + interval '2 days', $now + interval '2 days'
   from generate_series(1, 50000) n`,
  `insert into purchasing.order_lines (id, order_id, line_number, item_id, offer_id, product_id, product, sku, matched_by, packs, pack_quantity, quantity, unit,
     pack_price_minor, tax_rate, tax_minor, line_total_minor, received_quantity)
   select 'lin_' || n || '_' || k, 'ord_' || n, k, 'itm_' || 1 + (n * 4 + k) % 5000, 'off_' || 1 + (n * 4 + k) % 10000, 'prd_' || 1 + (n * 4 + k) % 10000,
     'Product number ' || k, 'SKU-' || k, 'sku', 2, 6, 12, 'pcs', 625, 0.07, 88, 1250, case when n > 300 then 12 else 0 end
   from generate_series(1, 50000) n, generate_series(1, 4) k`,
  `insert into purchasing.order_history (order_id, at, kind, actor)
   select 'ord_' || n, $now - n * interval '12 minutes', kind, 'restock' from generate_series(1, 50000) n, unnest(array['placed', 'submitted', 'received']) kind`,
  `insert into purchasing.reservations (order_id, list, supplier_id, placed_on, local_date, amount_minor, currency, state, created_at, updated_at)
   select id, list, supplier_id, placed_at::date, placed_at::date, total_minor, 'EUR', 'settled', placed_at, placed_at from purchasing.orders`,
  `insert into purchasing.events (event_id, list, order_id, line_id, item_id, type, payload, at)
   select 'evt_' || line.id, placed.list, placed.id, line.id, line.item_id, 'line_closed', '{}', placed.placed_at
   from purchasing.order_lines line join purchasing.orders placed on placed.id = line.order_id`,
  `insert into restock.sync_cursors (name, seq, updated_at) select 'orders', max(seq), $now from purchasing.events`,
  `insert into stock.expected_receipts (line_id, order_id, item_id, list, supplier_id, ordered, received, status, is_final, expected_at, ordered_at, first_received_at)
   select line.id, placed.id, line.item_id, placed.list, placed.supplier_id, 12, line.received_quantity, placed.status, placed.status in ('received', 'cancelled'),
     placed.expected_at, placed.placed_at, case when placed.status = 'received' then placed.expected_at end
   from purchasing.order_lines line join purchasing.orders placed on placed.id = line.order_id`,
]
