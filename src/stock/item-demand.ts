import type { DemandRules } from './demand-rules.js'
import { type Doubt, findDoubt, type LedgerMovement } from './find-doubt.js'
import type { ItemRow } from './item-view.js'
import { type LearnedUse, learnDailyUse } from './learn-daily-use.js'

export interface ItemDemand {
  /** What is taken off each day since the last count: as stated, else as learned; null: nothing is. */
  readonly projected: number | null
  /** All that goes in a day; null: not known. */
  readonly mean: number | null
  /** Standard deviation of a day's use; 0 while too little is known. */
  readonly sigma: number
  /** Where `mean` comes from: '2.4 l a day, from 5 counts over 31 days'. */
  readonly basis: string | null
  readonly doubt: Doubt | null
}

/** What goes of an item, from its movements: the whole window's, in the order of time, none that was undone. */
export function itemDemand(
  item: Pick<ItemRow, 'kind' | 'unit' | 'daily_use' | 'confirmed_movement'>,
  movements: readonly LedgerMovement[],
  rules: DemandRules,
  now: Date,
): ItemDemand {
  const { unit, daily_use: stated } = item
  // How much there is decides over stocked items alone.
  const doubt =
    item.kind === 'stock'
      ? findDoubt({ movements, unit, statedDailyUse: stated, confirmedMovement: item.confirmed_movement, rules })
      : null
  const believed = doubt === null ? movements : movements.filter((movement) => movement.id !== doubt.movementId)
  const learned = learnDailyUse(believed, now, rules.windowDays)
  const mean = stated ?? learned?.mean ?? null
  return {
    projected: stated ?? learned?.unrecorded ?? null,
    mean,
    sigma: learned?.sigma ?? 0,
    basis:
      mean === null ? null : `${mean} ${unit} a day, ${stated === null && learned ? describe(learned) : 'as stated'}`,
    doubt,
  }
}

function describe({ counts, uses, days }: LearnedUse): string {
  const parts = [...(counts > 0 ? [`${counts} counts`] : []), ...(uses > 0 ? [plural(uses, 'recorded use')] : [])]
  return `from ${parts.join(' and ')} over ${plural(days, 'day')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
