import { type AutoReorder, autoReorder } from './auto-reorder.js'
import type { DemandRules } from './demand-rules.js'
import type { ItemDemand } from './item-demand.js'
import type { Step } from './replenishment.js'
import type { Reorder } from './tables.js'

export interface LeadTime {
  readonly days: number
  readonly basis: 'stated' | 'deliveries' | 'default'
}

/** Everything that levels of `reorder: auto` were worked out from, so that a person can do it again by hand. */
export interface AutoLevels extends AutoReorder {
  readonly meanDailyUse: number
  readonly sigma: number
  readonly leadTimeDays: number
  readonly leadTimeBasis: LeadTime['basis']
  readonly serviceLevel: number
  readonly reviewDays: number
}

export interface Levels {
  /** null: not reordered by its level. */
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly auto: AutoLevels | null
  /** How `auto` came to its levels. */
  readonly steps: readonly Step[]
  /** Why there are no levels. */
  readonly attention: string | null
}

export interface LevelsInput {
  readonly reorder: Reorder
  /** As stated. */
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly orderMultiple: number | null
  readonly serviceLevel: number | null
  readonly leadTime: LeadTime
  readonly demand: Pick<ItemDemand, 'mean' | 'sigma'>
  /** Only ever counted, used and delivered in whole units. */
  readonly isWhole: boolean
  readonly rules: DemandRules
}

/** The levels that an item is reordered by: as stated, or from its use. Until that is known, stated levels stand in. */
export function deriveLevels(input: LevelsInput): Levels {
  const { reorderPoint, orderUpTo, leadTime, rules } = input
  const stated = { reorderPoint, orderUpTo, auto: null, steps: [], attention: null }
  if (input.reorder === 'fixed') return stated
  const { mean, sigma } = input.demand
  if (mean === null) return reorderPoint === null ? { ...stated, attention: tooLittleKnown } : stated
  const basis = {
    meanDailyUse: mean,
    sigma,
    leadTimeDays: leadTime.days,
    serviceLevel: input.serviceLevel ?? rules.serviceLevel,
    reviewDays: rules.reviewDays,
  }
  // Half a roll can't be bought; half a kilo can.
  const multiple = input.orderMultiple ?? (input.isWhole ? 1 : 0.001)
  const auto: AutoLevels = { ...basis, leadTimeBasis: leadTime.basis, ...autoReorder({ ...basis, multiple }) }
  if (auto.orderUpTo === 0) return { ...stated, reorderPoint: null, orderUpTo: null, auto, attention: nothingGoes }
  return {
    reorderPoint: auto.reorderPoint,
    orderUpTo: auto.orderUpTo,
    auto,
    steps: [
      { rule: 'auto_lead_time_use', from: 0, to: auto.leadTimeUse },
      { rule: 'auto_reorder_point', from: auto.leadTimeUse, to: auto.reorderPoint },
      { rule: 'auto_order_up_to', from: auto.reorderPoint, to: auto.orderUpTo },
    ],
    attention: null,
  }
}

const tooLittleKnown =
  'Its levels are to be worked out from its use, of which too little is known; count it on a few more days, or state ' +
  'daily_use or a reorder_point until then.'
const nothingGoes = 'It is not reordered: its levels are worked out from its use, and nothing of it goes.'
