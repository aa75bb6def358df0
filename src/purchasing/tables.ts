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
  /** When it said so last, the same number included; null: never, or with the offer itself. */
  stock_stated_at: Generated<Date | null>
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

/** One row for each time that an offer's price was first seen or seen changed. */
export interface OfferPricesTable {
  id: Generated<number>
  offer_id: string
  pack_price_minor: number
  currency: string
  seen_at: Date
  /** How we learned it: `import`, `add`. */
  source: string
}

export interface NeedPortions {
  readonly least: number
  readonly multiple: number | null
  readonly most: number | null
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
  /** The last order event that the list knew of when the need was worked out. */
  events_seen: number
  origin: 'person' | 'agent' | 'person_client'
  links: Json<readonly { product_id: string; status: 'confirmed' | 'proposed' }[]>
  /** What a person allows in its place, the first first; each has one of the three. */
  substitutes: Json<readonly { sku?: string; gtin?: string; product_id?: string }[]>
  /** Changes when a person changes the item; null: the list doesn't say. */
  item_version: string | null
  /** When it must be there at the latest; null: whenever. */
  needed_by: Date | null
  /** How many times an ordinary need it counts where money is short; 0: only bought along. */
  priority: number
  /** Which parts of a top-up may be bought, in its unit; null: any. */
  portions: Json<NeedPortions> | null
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
  /** When it is to be sent, or its supplier asked about it, at the earliest; null: at any time. */
  next_attempt_at: Date | null
  /** It may have been sent without our knowing (this is a restored backup): its supplier is asked by key before it is sent. */
  ask_first: Generated<boolean>
  /** Times in a row that its supplier could not be asked. */
  track_failures: Generated<number>
  /** What it was to cost when it was placed; null: its supplier hasn't changed that. */
  original_total_minor: Generated<number | null>
  /** Who wants it cancelled by its supplier, who hasn't answered yet; null: nobody. */
  cancel_requested_by: Generated<string | null>
  cancel_reason: Generated<string | null>
  /** Why the supplier didn't cancel it, where it was asked to; null: it wasn't, or did. */
  cancel_refused: Generated<string | null>
  /** Who has taken note that more came than was ordered; null: nobody yet, where it did. */
  excess_seen_by: Generated<string | null>
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

/** What was needed of the item when a line was ordered, and what the offer allowed then. */
export interface LineNeed {
  /** In the item's unit. */
  readonly quantity: number
  /** On order already, for all the list knew. */
  readonly onOrderSeen: number
  /** Fewest packs that the supplier sold of it. */
  readonly minimumPacks: number
}

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
  matched_by: 'sku' | 'gtin' | 'confirmed_link' | 'proposed_link' | 'substitute'
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
  /** What was ordered (OriginalLine in order-view.ts); null: the supplier hasn't changed the line. */
  original: ColumnType<unknown, string | null | undefined, string | null>
  /** The need that it was ordered for, so that anybody can check later that no more was bought; null: not recorded. */
  need: ColumnType<LineNeed | null, string | null | undefined, string | null>
}

/** What suppliers changed of orders, and what became of it: the whole of what was said each time, never overwritten. */
export interface AmendmentsTable {
  id: string
  order_id: string
  at: Date
  /** `pending`: a person decides. `superseded`: the supplier said something else before anybody had decided. */
  state: 'applied' | 'pending' | 'accepted' | 'declined' | 'superseded'
  /** What the supplier said (ReportedTerms in channels/channel.ts). */
  terms: Json<unknown>
  /** The same for the same result, so that what a supplier repeats isn't asked again. */
  fingerprint: string
  /** The order as it would be (Amendment in amendment.ts). */
  result: Json<unknown>
  /** Why it wasn't applied at once, one sentence each. */
  ask_because: Json<readonly string[]>
  old_total_minor: number
  new_total_minor: number
  decided_at: Date | null
  decided_by: string | null
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
  /** As whoever reports it says. */
  at: Date
  /** When we came to know of it. */
  recorded_at: Date
  source: string
}

/** Budget taken by an order. Dates are the list's local ones. */
export interface ReservationsTable {
  order_id: string
  list: string
  supplier_id: string
  /** Counts against the orders of that day, whatever became of it. */
  placed_on: string
  /** The day whose budget it takes: that of the placing, or of the approval where a person had to approve. */
  local_date: string
  amount_minor: number
  currency: string
  state: 'reserved' | 'settled' | 'released'
  /** The version of the list's limits that it was placed under, and the one under which it took its budget. */
  placed_under: Generated<number>
  taken_under: Generated<number>
  created_at: Date
  updated_at: Date
}

/** Limits and purchasing settings of a list; its row is the lock that serialises spending on that list. */
export interface ListLimitsTable {
  list: string
  settings: Json<unknown>
  /** Those of them that the configuration file names: they are changed only there. */
  file_settings: ColumnType<unknown, string | undefined, string>
  source: 'file' | 'person'
  /** Goes up whenever the settings change: tells which orders were placed under those in force. */
  version: Generated<number>
  /** The list's, as last told by whoever knows the list; null: not told yet. */
  currency: string | null
  time_zone: string | null
  /** A person has stopped all buying; null: nobody has. Apart from the settings, which a file may replace. */
  paused_at: Date | null
  updated_at: Date
}

/** One row: whether a person has stopped all buying, for every list. */
export interface PauseSwitchTable {
  only_row: boolean
  paused_at: Date | null
  paused_by: string | null
}

/** What a person said no to. It is not offered again before `until`, unless the item is changed. */
export interface DeclinedItemsTable {
  list: string
  item_id: string
  order_id: string
  /** The item's version that was declined; null: not known, so that only time ends it. */
  item_version: string | null
  declined_by: string
  declined_at: Date
  until: Date
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
  'purchasing.offer_prices': OfferPricesTable
  'purchasing.needs': NeedsTable
  'purchasing.run_lists': RunListsTable
  'purchasing.fences': FencesTable
  'purchasing.quotes': QuotesTable
  'purchasing.item_commitments': ItemCommitmentsTable
  'purchasing.orders': OrdersTable
  'purchasing.order_lines': OrderLinesTable
  'purchasing.order_history': OrderHistoryTable
  'purchasing.amendments': AmendmentsTable
  'purchasing.events': EventsTable
  'purchasing.deliveries': DeliveriesTable
  'purchasing.reservations': ReservationsTable
  'purchasing.list_limits': ListLimitsTable
  'purchasing.pause_switch': PauseSwitchTable
  'purchasing.declined_items': DeclinedItemsTable
  'purchasing.simulated_orders': SimulatedOrdersTable
}
