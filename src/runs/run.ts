import type { RunStatus, RunTrigger } from './tables.js'

/** One execution of replenishment, as recorded. */
export interface Run {
  readonly id: string
  readonly list: string
  readonly status: RunStatus
  readonly trigger: RunTrigger
  readonly scheduleId: string | null
  readonly slot: Date | null
  readonly instructions: string | null
  readonly dryRun: boolean
  readonly model: string | null
  readonly epoch: number
  readonly claimedBy: string | null
  readonly leaseUntil: Date | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly snapshot: RunSnapshot | null
  readonly outcome: RunOutcome | null
  readonly error: string | null
}

/** What the list said was due, as the run saw it. Quantities are in the item's unit. */
export interface RunSnapshot {
  readonly list: string
  readonly currency: string
  readonly timeZone: string
  readonly asOf: string
  readonly items: readonly SnapshotItem[]
  /** What was not due, but might be bought along where that made an order cheaper. */
  readonly topUps?: readonly SnapshotItem[]
}

export interface SnapshotItem {
  readonly itemId: string
  readonly name: string
  readonly kind: 'stock' | 'standing' | 'one_off'
  readonly unit: string
  readonly category: string | null
  readonly notes: string | null
  readonly sku: string | null
  readonly gtin: string | null
  /** Most that one unit may cost, in major units of the list's currency. */
  readonly maxUnitPrice: string | null
  readonly onHand: number
  readonly onOrder: number
  readonly position: number
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly need: number
  readonly steps: readonly NeedStep[]
  readonly links: readonly { readonly productId: string; readonly status: 'confirmed' | 'proposed' }[]
  readonly origin: 'person' | 'agent'
  /** Why a due item has no need, or what a person should look at; null: nothing. */
  readonly attention: string | null
  /** What goes in a day and how that is known: '2.4 l a day, from 5 counts over 31 days'. */
  readonly useBasis?: string | null
  /** How many whole days what is on hand lasts. */
  readonly daysLeft?: number | null
  /** Of a one-off: the last day on which it may come, YYYY-MM-DD on the list's calendar. */
  readonly neededBy?: string | null
}

export interface NeedStep {
  readonly rule: string
  readonly from: number
  readonly to: number
}

export type Decision = 'ordered' | 'pending_approval' | 'refused' | 'skipped' | 'needs_attention' | 'unknown'

export interface OutcomeItem {
  readonly itemId: string
  readonly name: string
  readonly decision: Decision
  readonly reason: string
  readonly needQuantity: number
  readonly orderedQuantity: number
  readonly unit: string
}

export interface OutcomeOrderLine {
  readonly itemId: string
  readonly product: string
  readonly packs: number
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly taxMinor: number
  readonly lineTotalMinor: number
}

export interface OutcomeOrder {
  readonly id: string
  readonly supplier: string
  readonly status: string
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly currency: string
  readonly lines: readonly OutcomeOrderLine[]
}

export interface Usage {
  readonly modelCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What became of each item of a run, from recorded facts. */
export interface RunOutcome {
  readonly model: string
  readonly usage: Usage
  readonly items: readonly OutcomeItem[]
  readonly orders: readonly OutcomeOrder[]
  readonly summary: string
}
