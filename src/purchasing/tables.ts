import type { ColumnType, Generated } from 'kysely'

/** jsonb: read as a value, written as JSON text (pg would turn an array into a Postgres array). */
type Json<T> = ColumnType<T, string, string>

export interface SuppliersTable {
  id: string
  name: string
  channel: 'simulated' | 'http' | 'email' | 'manual'
  currency: string
  /** A fraction as exact decimal: 0.19. Read as number. */
  tax_rate: number
  shipping_fee_minor: number
  /** null: shipping is never free. */
  free_shipping_over_minor: number | null
  minimum_order_minor: number
  lead_time_days: number
  url: string | null
  email: string | null
  created_at: Date
  updated_at: Date
  archived_at: Date | null
}

export interface ProductsTable {
  id: string
  /** What makes it the same product: `gtin:…`, else `sku:<supplier>:…`, else `name:<supplier>:…`. */
  identity: string
  gtin: string | null
  name: string
  brand: string | null
  category: string | null
  created_at: Date
}

export interface OffersTable {
  id: string
  supplier_id: string
  product_id: string
  sku: string | null
  /** The supplier's words for it; data, never instructions. */
  name: string
  unit: string
  pack_quantity: number
  pack_price_minor: number
  currency: string
  /** Packs the supplier has; null: not stated. */
  stock_packs: number | null
  minimum_packs: number
  created_at: Date
  updated_at: Date
  archived_at: Date | null
  /** Name, brand and category as `searchText` writes them: what `search_catalog` looks in. */
  search_text: string
}

/** All-units price breaks: from `packs` on, every pack costs `pack_price_minor`. */
export interface OfferBreaksTable {
  offer_id: string
  packs: number
  pack_price_minor: number
}

export interface NeedsTable {
  run_id: string
  item_id: string
  list: string
  name: string
  quantity: number
  unit: string
  sku: string | null
  gtin: string | null
  /** Most that one unit may cost, in major units of the list's currency, as exact decimal text; null: no cap. */
  max_unit_price: string | null
  on_order_seen: number
  origin: 'person' | 'agent' | 'person_client'
  links: Json<readonly { product_id: string; status: 'confirmed' | 'proposed' }[]>
  registered_at: Date
}

/** What a run or a person's client works under: its list's currency and zone, as registered. */
export interface RunListsTable {
  run_id: string
  list: string
  currency: string
  time_zone: string
  registered_at: Date
}

/** Zombies are fenced off here: a run's write counts only under the highest epoch registered. */
export interface FencesTable {
  run_id: string
  epoch: number
}

export interface QuotesTable {
  id: string
  run_id: string
  list: string
  currency: string
  time_zone: string
  placed_by: 'run' | 'person'
  /** Lines, quantities and prices, fixed (QuoteContent in quote.ts). */
  content: Json<unknown>
  created_at: Date
  expires_at: Date
  placed_at: Date | null
  /** Fingerprint of the arguments it was placed with. */
  placed_fingerprint: string | null
  /** The stored answer of `place_order`, given again for the same call. */
  placed_result: Json<unknown> | null
}

/** One row an item and list: the lock that placing transactions take, in id order. Quantities are summed from order lines. */
export interface ItemCommitmentsTable {
  list: string
  item_id: string
}

export interface OrdersTable {
  id: string
  /** Sent to the supplier; the same for every attempt to submit this order. */
  idempotency_key: string
  quote_id: string
  run_id: string | null
  list: string
  supplier_id: string
  supplier_name: string
  channel: SuppliersTable['channel']
  status: OrderStatus
  status_reason: string | null
  currency: string
  subtotal_minor: number
  shipping_minor: number
  tax_minor: number
  discount_minor: number
  total_minor: number
  rationale: string
  placed_by: 'run' | 'person'
  approval_reasons: Json<readonly string[]>
  approval_expires_at: Date | null
  approved_by: string | null
  placed_at: Date
  updated_at: Date
  submitted_at: Date | null
  expected_at: Date | null
  supplier_reference: string | null
  submit_attempts: number
  next_attempt_at: Date | null
}

export type OrderStatus =
  | 'awaiting_approval'
  | 'approved'
  | 'submitting'
  | 'submitted'
  | 'confirmed'
  | 'partially_received'
  | 'received'
  | 'unknown'
  | 'closed_short'
  | 'rejected'
  | 'declined'
  | 'expired'
  | 'cancelled'

export interface OrderLinesTable {
  id: string
  order_id: string
  line_number: number
  item_id: string
  offer_id: string
  product_id: string
  product: string
  /** The supplier's own number for it when it was ordered; null: it had none. */
  sku: string | null
  matched_by: 'sku' | 'gtin' | 'confirmed_link' | 'proposed_link'
  packs: number
  /** In the item's unit. */
  pack_quantity: number
  quantity: number
  unit: string
  pack_price_minor: number
  tax_rate: number
  tax_minor: number
  line_total_minor: number
  received_quantity: Generated<number>
}

/** Append-only story of an order, for people: what happened, when, by whom. */
export interface OrderHistoryTable {
  id: Generated<number>
  order_id: string
  at: Date
  kind: string
  actor: string
  details: Json<unknown>
}

/** The outbox towards the list: seq order is commit order. */
export interface EventsTable {
  seq: Generated<number>
  event_id: string
  list: string
  order_id: string
  line_id: string
  item_id: string
  type: 'line_opened' | 'line_changed' | 'line_closed' | 'delivery'
  payload: Json<unknown>
  at: Date
}

export interface DeliveriesTable {
  id: string
  order_id: string
  line_id: string
  quantity: number
  at: Date
  source: string
}

/** Budget taken by an order, in the local day (list's zone) in which it was placed. */
export interface ReservationsTable {
  order_id: string
  list: string
  supplier_id: string
  local_date: string
  amount_minor: number
  currency: string
  state: 'reserved' | 'settled' | 'released'
  created_at: Date
  updated_at: Date
}

/** Limits and purchasing settings of a list; its row is the lock that serialises spending on that list. */
export interface ListLimitsTable {
  list: string
  settings: Json<unknown>
  source: 'file' | 'person'
  /** The list's, as last told by whoever knows the list; null: not told yet. */
  currency: string | null
  time_zone: string | null
  /** A person has stopped all buying; null: nobody has. Apart from the settings, which a file may replace. */
  paused_at: Date | null
  updated_at: Date
}

/** What the simulated supplier knows: it must remember orders like a real one. */
export interface SimulatedOrdersTable {
  idempotency_key: string
  supplier_id: string
  reference: string
  payload: Json<unknown>
  accepted_at: Date
  deliver_at: Date
}

export interface PurchasingTables {
  'purchasing.suppliers': SuppliersTable
  'purchasing.products': ProductsTable
  'purchasing.offers': OffersTable
  'purchasing.offer_breaks': OfferBreaksTable
  'purchasing.needs': NeedsTable
  'purchasing.run_lists': RunListsTable
  'purchasing.fences': FencesTable
  'purchasing.quotes': QuotesTable
  'purchasing.item_commitments': ItemCommitmentsTable
  'purchasing.orders': OrdersTable
  'purchasing.order_lines': OrderLinesTable
  'purchasing.order_history': OrderHistoryTable
  'purchasing.events': EventsTable
  'purchasing.deliveries': DeliveriesTable
  'purchasing.reservations': ReservationsTable
  'purchasing.list_limits': ListLimitsTable
  'purchasing.simulated_orders': SimulatedOrdersTable
}
