import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table stock.lists (
      id text primary key,
      name text not null,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      time_zone text not null,
      source text not null check (source in ('file', 'person')),
      demand_rules jsonb not null default '{}',
      created_at timestamptz not null,
      updated_at timestamptz not null,
      archived_at timestamptz
    )`.execute(db)
  await sql`
    create table stock.items (
      id text primary key,
      list text not null references stock.lists,
      name text not null,
      kind text not null check (kind in ('stock', 'standing', 'one_off')),
      sku text,
      gtin text,
      unit text not null,
      daily_use numeric(14, 3) check (daily_use >= 0),
      every text,
      reorder_point numeric(14, 3) check (reorder_point >= 0),
      order_up_to numeric(14, 3) check (order_up_to >= 0),
      reorder_quantity numeric(14, 3) check (reorder_quantity > 0),
      order_multiple numeric(14, 3) check (order_multiple > 0),
      minimum_quantity numeric(14, 3) check (minimum_quantity > 0),
      max_unit_price text,
      over_max text not null default 'allow' check (over_max in ('allow', 'round_down', 'hold')),
      reorder text not null default 'fixed' check (reorder in ('fixed', 'auto')),
      lead_time_days numeric(14, 3) check (lead_time_days >= 0),
      service_level numeric(4, 3) check (service_level >= 0.5 and service_level < 1),
      substitutes text,
      category text,
      notes text,
      requested_quantity numeric(14, 3) check (requested_quantity > 0),
      needed_by date,
      origin text not null check (origin in ('person', 'agent')),
      snoozed_until timestamptz,
      snooze_reason text,
      confirmed_movement bigint,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      archived_at timestamptz,
      check ((kind = 'standing') = (every is not null)),
      check ((kind = 'one_off') = (requested_quantity is not null)),
      check (kind = 'one_off' or needed_by is null),
      check (kind = 'stock' or reorder = 'fixed'),
      check (reorder_point is null or order_up_to is null or reorder_point <= order_up_to)
    )`.execute(db)
  await sql`create unique index items_sku on stock.items (list, sku) where sku is not null and archived_at is null`.execute(
    db,
  )
  await sql`create unique index items_gtin on stock.items (list, gtin) where gtin is not null and archived_at is null`.execute(
    db,
  )
  await sql`create unique index items_name on stock.items (list, lower(name)) where archived_at is null`.execute(db)
  await sql`
    create table stock.movements (
      id bigint generated always as identity primary key,
      item_id text not null references stock.items,
      kind text not null check (kind in ('count', 'use', 'delivery', 'adjustment')),
      quantity numeric(14, 3) not null,
      counted numeric(14, 3) check (counted >= 0),
      at timestamptz not null,
      actor text not null,
      cause text not null,
      delivery_id text unique,
      undoes bigint references stock.movements,
      check ((kind = 'count') = (counted is not null))
    )`.execute(db)
  await sql`create index movements_item on stock.movements (item_id, at, id)`.execute(db)
  await sql`create index movements_counts on stock.movements (item_id, at, id) where kind = 'count'`.execute(db)
  // Each movement is taken back once.
  await sql`create unique index movements_undoes on stock.movements (undoes) where undoes is not null`.execute(db)
  // No references from here on: ordering may tell of items that this list never had or has removed.
  await sql`
    create table stock.expected_receipts (
      line_id text primary key,
      order_id text not null,
      item_id text not null,
      list text not null,
      supplier_id text not null,
      ordered numeric(14, 3) not null check (ordered >= 0),
      received numeric(14, 3) not null default 0 check (received >= 0),
      status text not null,
      is_final boolean not null,
      expected_at timestamptz,
      ordered_at timestamptz not null,
      first_received_at timestamptz,
      last_seq bigint not null default 0
    )`.execute(db)
  await sql`create index expected_receipts_item on stock.expected_receipts (item_id)`.execute(db)
  await sql`
    create table stock.links (
      item_id text not null references stock.items,
      product_id text not null,
      status text not null check (status in ('confirmed', 'proposed')),
      run_id text,
      note text,
      created_at timestamptz not null,
      confirmed_by text,
      confirmed_at timestamptz,
      check (status = 'proposed' or run_id is null)
    )`.execute(db)
  await sql`create unique index links_confirmed on stock.links (item_id, product_id) where status = 'confirmed'`.execute(
    db,
  )
  await sql`create unique index links_proposed on stock.links (item_id, product_id, coalesce(run_id, '')) where status = 'proposed'`.execute(
    db,
  )
  await sql`create index links_item on stock.links (item_id)`.execute(db)
  await sql`create index links_product on stock.links (product_id)`.execute(db)
  await sql`create table stock.applied_events (event_id text primary key, at timestamptz not null)`.execute(db)
  await sql`create table stock.fences (run_id text primary key, epoch bigint not null)`.execute(db)
}
