import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`create extension if not exists pg_trgm with schema public`.execute(db)
  await sql`
    create table purchasing.suppliers (
      id text primary key,
      name text not null,
      channel text not null check (channel in ('simulated', 'http', 'email', 'manual')),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      tax_rate numeric(7, 5) not null default 0 check (tax_rate >= 0 and tax_rate < 1),
      shipping_fee_minor bigint not null default 0 check (shipping_fee_minor >= 0),
      free_shipping_over_minor bigint check (free_shipping_over_minor >= 0),
      minimum_order_minor bigint not null default 0 check (minimum_order_minor >= 0),
      lead_time_days integer not null default 0 check (lead_time_days >= 0),
      url text,
      email text,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      archived_at timestamptz
    )`.execute(db)
  await sql`
    create table purchasing.products (
      id text primary key,
      identity text not null unique,
      gtin text,
      name text not null,
      brand text,
      category text,
      created_at timestamptz not null
    )`.execute(db)
  await sql`create index products_gtin on purchasing.products (gtin) where gtin is not null`.execute(db)
  await sql`
    create table purchasing.offers (
      id text primary key,
      supplier_id text not null references purchasing.suppliers,
      product_id text not null references purchasing.products,
      sku text,
      name text not null,
      unit text not null,
      pack_quantity numeric(14, 3) not null check (pack_quantity > 0),
      pack_price_minor bigint not null check (pack_price_minor >= 0),
      currency text not null,
      stock_packs bigint check (stock_packs >= 0),
      stock_stated_at timestamptz,
      minimum_packs bigint not null default 1 check (minimum_packs >= 1),
      created_at timestamptz not null,
      updated_at timestamptz not null,
      archived_at timestamptz,
      search_text text not null,
      search tsvector generated always as (to_tsvector('simple', search_text)) stored
    )`.execute(db)
  await sql`create unique index offers_sku on purchasing.offers (supplier_id, sku) where sku is not null and archived_at is null`.execute(
    db,
  )
  await sql`create index offers_any_sku on purchasing.offers (sku) where sku is not null`.execute(db)
  await sql`create index offers_product on purchasing.offers (product_id)`.execute(db)
  await sql`create index offers_supplier on purchasing.offers (supplier_id, lower(name), id) where archived_at is null`.execute(
    db,
  )
  // Catalogs are read far more often than written. With a list of pending entries, which each search has to read through
  // until the next vacuum, the database would rather read all offers after an import.
  await sql`create index offers_search on purchasing.offers using gin (search) with (fastupdate = off)`.execute(db)
  await sql`create index offers_search_trgm on purchasing.offers using gin (search_text gin_trgm_ops) with (fastupdate = off)`.execute(
    db,
  )
  await sql`
    create table purchasing.offer_breaks (
      offer_id text not null references purchasing.offers on delete cascade,
      packs bigint not null check (packs > 1),
      pack_price_minor bigint not null check (pack_price_minor >= 0),
      primary key (offer_id, packs)
    )`.execute(db)
  await sql`
    create table purchasing.offer_prices (
      id bigint generated always as identity primary key,
      offer_id text not null references purchasing.offers on delete cascade,
      pack_price_minor bigint not null check (pack_price_minor >= 0),
      currency text not null,
      seen_at timestamptz not null,
      source text not null
    )`.execute(db)
  await sql`create index offer_prices_offer on purchasing.offer_prices (offer_id, seen_at)`.execute(db)
  await sql`
    create table purchasing.run_lists (
      run_id text primary key,
      list text not null,
      currency text not null,
      time_zone text not null,
      registered_at timestamptz not null
    )`.execute(db)
  await sql`
    create table purchasing.needs (
      run_id text not null,
      item_id text not null,
      list text not null,
      name text not null,
      quantity numeric(14, 3) not null check (quantity > 0),
      unit text not null,
      sku text,
      gtin text,
      max_unit_price text,
      on_order_seen numeric(14, 3) not null,
      events_seen bigint not null,
      origin text not null check (origin in ('person', 'agent', 'person_client')),
      links jsonb not null default '[]',
      substitutes jsonb not null default '[]',
      item_version text,
      needed_by timestamptz,
      priority integer not null default 1 check (priority between 0 and 100),
      portions jsonb,
      registered_at timestamptz not null,
      primary key (run_id, item_id)
    )`.execute(db)
  await sql`create table purchasing.fences (run_id text primary key, epoch bigint not null)`.execute(db)
  await sql`
    create table purchasing.quotes (
      id text primary key,
      run_id text not null,
      list text not null,
      currency text not null,
      time_zone text not null,
      placed_by text not null check (placed_by in ('run', 'person')),
      content jsonb not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      placed_at timestamptz,
      placed_fingerprint text,
      placed_result jsonb
    )`.execute(db)
  await sql`create index quotes_run on purchasing.quotes (run_id)`.execute(db)
  await sql`
    create table purchasing.item_commitments (
      list text not null,
      item_id text not null,
      primary key (list, item_id)
    )`.execute(db)
  await sql`
    create table purchasing.orders (
      id text primary key,
      idempotency_key text not null unique,
      quote_id text not null references purchasing.quotes,
      run_id text,
      list text not null,
      supplier_id text not null references purchasing.suppliers,
      supplier_name text not null,
      channel text not null,
      status text not null check (status in ('awaiting_approval', 'approved', 'submitting', 'submitted', 'confirmed',
        'partially_received', 'received', 'unknown', 'closed_short', 'rejected', 'declined', 'expired', 'cancelled')),
      status_reason text,
      currency text not null,
      subtotal_minor bigint not null,
      shipping_minor bigint not null,
      tax_minor bigint not null,
      discount_minor bigint not null,
      total_minor bigint not null check (total_minor = subtotal_minor + shipping_minor + tax_minor - discount_minor),
      rationale text not null,
      placed_by text not null check (placed_by in ('run', 'person')),
      approval_reasons jsonb not null default '[]',
      approval_expires_at timestamptz,
      approved_by text,
      placed_at timestamptz not null,
      updated_at timestamptz not null,
      submitted_at timestamptz,
      expected_at timestamptz,
      supplier_reference text,
      submit_attempts integer not null default 0,
      next_attempt_at timestamptz,
      ask_first boolean not null default false,
      track_failures integer not null default 0,
      original_total_minor bigint,
      cancel_requested_by text,
      cancel_reason text,
      cancel_refused text,
      excess_seen_by text,
      unique (quote_id, supplier_id)
    )`.execute(db)
  await sql`create index orders_list on purchasing.orders (list, placed_at desc)`.execute(db)
  await sql`create index orders_run on purchasing.orders (run_id)`.execute(db)
  // For listings, the newest first.
  await sql`create index orders_newest on purchasing.orders (placed_at desc, id desc)`.execute(db)
  await sql`create index orders_status on purchasing.orders (status, placed_at desc, id desc)`.execute(db)
  await sql`create index orders_supplier on purchasing.orders (supplier_id, placed_at desc, id desc)`.execute(db)
  await sql`
    create index orders_open on purchasing.orders (status, next_attempt_at)
    where status in ('awaiting_approval', 'approved', 'submitting', 'submitted', 'confirmed', 'partially_received', 'unknown')`.execute(
    db,
  )
  await sql`
    create table purchasing.order_lines (
      id text primary key,
      order_id text not null references purchasing.orders,
      line_number integer not null,
      item_id text not null,
      offer_id text not null,
      product_id text not null,
      product text not null,
      sku text,
      matched_by text not null,
      packs bigint not null check (packs >= 0),
      pack_quantity numeric(14, 3) not null check (pack_quantity > 0),
      quantity numeric(14, 3) not null,
      unit text not null,
      pack_price_minor bigint not null,
      tax_rate numeric(7, 5) not null,
      tax_minor bigint not null,
      line_total_minor bigint not null,
      received_quantity numeric(14, 3) not null default 0,
      original jsonb,
      need jsonb,
      check (quantity = packs * pack_quantity),
      check (line_total_minor = packs * pack_price_minor),
      unique (order_id, line_number)
    )`.execute(db)
  await sql`create index order_lines_excess on purchasing.order_lines (order_id) where received_quantity > quantity`.execute(
    db,
  )
  await sql`create index order_lines_item on purchasing.order_lines (item_id)`.execute(db)
  await sql`create index order_lines_offer on purchasing.order_lines (offer_id)`.execute(db)
  await sql`
    create table purchasing.order_history (
      id bigint generated always as identity primary key,
      order_id text not null references purchasing.orders,
      at timestamptz not null,
      kind text not null,
      actor text not null,
      details jsonb not null default '{}'
    )`.execute(db)
  await sql`create index order_history_order on purchasing.order_history (order_id, id)`.execute(db)
  await sql`
    create table purchasing.amendments (
      id text primary key,
      order_id text not null references purchasing.orders,
      at timestamptz not null,
      state text not null check (state in ('applied', 'pending', 'accepted', 'declined', 'superseded')),
      terms jsonb not null,
      result jsonb not null,
      fingerprint text not null,
      ask_because jsonb not null default '[]',
      old_total_minor bigint not null,
      new_total_minor bigint not null,
      decided_at timestamptz,
      decided_by text
    )`.execute(db)
  await sql`create index amendments_order on purchasing.amendments (order_id, at)`.execute(db)
  await sql`create unique index amendments_pending on purchasing.amendments (order_id) where state = 'pending'`.execute(
    db,
  )
  await sql`
    create table purchasing.events (
      seq bigint generated always as identity primary key,
      event_id text not null unique,
      list text not null,
      order_id text not null,
      line_id text not null,
      item_id text not null,
      type text not null,
      payload jsonb not null,
      at timestamptz not null
    )`.execute(db)
  await sql`create index events_order on purchasing.events (order_id)`.execute(db)
  await sql`create index events_list on purchasing.events (list, seq)`.execute(db)
  await sql`
    create table purchasing.deliveries (
      id text primary key,
      order_id text not null references purchasing.orders,
      line_id text not null references purchasing.order_lines,
      quantity numeric(14, 3) not null check (quantity > 0),
      at timestamptz not null,
      recorded_at timestamptz not null,
      source text not null
    )`.execute(db)
  await sql`create index deliveries_order on purchasing.deliveries (order_id)`.execute(db)
  await sql`
    create table purchasing.reservations (
      order_id text primary key references purchasing.orders,
      list text not null,
      supplier_id text not null,
      placed_on date not null,
      local_date date not null,
      amount_minor bigint not null check (amount_minor >= 0),
      currency text not null,
      state text not null check (state in ('reserved', 'settled', 'released')),
      placed_under bigint not null default 0,
      taken_under bigint not null default 0,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(db)
  await sql`create index reservations_period on purchasing.reservations (list, local_date)`.execute(db)
  await sql`create index reservations_placed on purchasing.reservations (list, placed_on)`.execute(db)
  await sql`
    create table purchasing.list_limits (
      list text primary key,
      settings jsonb not null default '{}',
      file_settings jsonb not null default '{}',
      source text not null check (source in ('file', 'person')),
      version bigint not null default 1,
      currency text,
      time_zone text,
      paused_at timestamptz,
      updated_at timestamptz not null
    )`.execute(db)
  await sql`
    create table purchasing.pause_switch (
      only_row boolean primary key default true check (only_row),
      paused_at timestamptz,
      paused_by text
    )`.execute(db)
  await sql`insert into purchasing.pause_switch default values`.execute(db)
  await sql`
    create table purchasing.declined_items (
      list text not null,
      item_id text not null,
      order_id text not null references purchasing.orders on delete cascade,
      item_version text,
      declined_by text not null,
      declined_at timestamptz not null,
      until timestamptz not null,
      primary key (list, item_id)
    )`.execute(db)
  await sql`
    create table purchasing.simulated_orders (
      idempotency_key text primary key,
      supplier_id text not null,
      reference text not null,
      payload jsonb not null,
      accepted_at timestamptz not null,
      deliver_at timestamptz not null
    )`.execute(db)
}
