import type { ColumnType, Generated } from 'kysely'
import type { DemandRules } from './demand-rules.js'

/** jsonb: written as text, read as what it says. */
type Json<T> = ColumnType<T, string | undefined, string>

export interface ListsTable {
  id: string
  name: string
  /** ISO 4217; everything bought for the list is paid in it. */
  currency: string
  /** IANA; a standing need's days are counted in it. */
  time_zone: string
  /** `file`: it stands in restock.yaml and is changed only there. */
  source: 'file' | 'person'
  /** What the list sets of how its demand is worked out; what it doesn't set is as it is everywhere. */
  demand_rules: Json<Partial<DemandRules>>
  created_at: Date
  updated_at: Date
  archived_at: Date | null
}

export type ItemKind = 'stock' | 'standing' | 'one_off'
export type OverMax = 'allow' | 'round_down' | 'hold'
/** `auto`: reorder point and level are worked out from what goes. */
export type Reorder = 'fixed' | 'auto'

export interface ItemsTable {
  id: string
  list: string
  name: string
  /** `stock` is reordered by its level, `standing` by the calendar (`every`), `one_off` once. */
  kind: ItemKind
  sku: string | null
  gtin: string | null
  unit: string
  daily_use: number | null
  /** Interval of a standing need: `3d`, `2w`, `1m`; null for the other kinds. */
  every: string | null
  /** null: not reordered by its level. */
  reorder_point: number | null
  order_up_to: number | null
  reorder_quantity: number | null
  order_multiple: number | null
  minimum_quantity: number | null
  /** Most that one unit may cost, in major units of the list's currency, as exact decimal text; null: no cap. */
  max_unit_price: string | null
  over_max: Generated<OverMax>
  reorder: Generated<Reorder>
  /** From order to delivery; null: as past orders took. */
  lead_time_days: number | null
  /** How often a lead time should end without running out, for `auto`: 0.95; null: as the list has it. */
  service_level: number | null
  /** What may be bought in its place, the first first, as `formatSubstitutes` writes it; null: nothing. */
  substitutes: string | null
  category: string | null
  notes: string | null
  /** How much of a one-off is wanted in all; null for the other kinds. */
  requested_quantity: number | null
  /** Local date (YYYY-MM-DD) at whose end a one-off must be there; null: whenever, as of the other kinds. */
  needed_by: string | null
  /** What an agent asked for is never bought without a person's approval. */
  origin: 'person' | 'agent'
  snoozed_until: Date | null
  snooze_reason: string | null
  /** A person stands by everything up to this movement, however odd it looks. */
  confirmed_movement: number | null
  created_at: Date
  updated_at: Date
  archived_at: Date | null
}

export type MovementKind = 'count' | 'use' | 'delivery' | 'adjustment'

/** Append-only. What is on hand by the books is the sum of `quantity`. */
export interface MovementsTable {
  id: Generated<number>
  item_id: string
  kind: MovementKind
  /** Signed change; of a count: what it changed the books by. */
  quantity: number
  /** What a count found; null for the other kinds. */
  counted: number | null
  at: Date
  /** Who: `person`, `import`, `run:<id>`, `ordering`. */
  actor: string
  /** Why, in words for people. */
  cause: string
  /** Ordering's id of a delivery: one delivery counts once. */
  delivery_id: string | null
  /** The movement that this one takes back; each can be taken back once. */
  undoes: number | null
}

/** What ordering told us of each order line, as absolute state. */
export interface ExpectedReceiptsTable {
  line_id: string
  order_id: string
  item_id: string
  list: string
  supplier_id: string
  /** In the item's unit, as `received`. */
  ordered: number
  received: number
  /** The order's status. */
  status: string
  is_final: boolean
  expected_at: Date | null
  ordered_at: Date
  /** When the first of it came; null: nothing has. */
  first_received_at: Date | null
  /** Highest event applied to the line; 0: known from a receipt only, any event replaces it. */
  last_seq: number
}

/** Which product of ordering an item is. */
export interface LinksTable {
  item_id: string
  product_id: string
  status: 'confirmed' | 'proposed'
  /** Which run proposed it, and alone may use it; null: a person's client did, or it is confirmed. */
  run_id: string | null
  note: string | null
  created_at: Date
  confirmed_by: string | null
  confirmed_at: Date | null
}

export interface AppliedEventsTable {
  event_id: string
  at: Date
}

/** Zombies are fenced off here: a run's write counts only under the highest epoch registered. */
export interface FencesTable {
  run_id: string
  epoch: number
}

export interface StockTables {
  'stock.lists': ListsTable
  'stock.items': ItemsTable
  'stock.movements': MovementsTable
  'stock.expected_receipts': ExpectedReceiptsTable
  'stock.links': LinksTable
  'stock.applied_events': AppliedEventsTable
  'stock.fences': FencesTable
}
