import { addQuantity, multiplyQuantity, subtractQuantity } from '../platform/decimal.js'
import type { DemandRules } from './demand-rules.js'
import { learnDailyUse } from './learn-daily-use.js'
import type { StockMovement } from './on-hand.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** With less of a past nothing can be called odd, unless the daily use is stated. */
const LEAST_MOVEMENTS = 5

/** A movement that a person should look at before anything is bought on the strength of it. */
export interface Doubt {
  readonly movementId: number
  readonly text: string
}

/** A movement with its place in the ledger. */
export interface LedgerMovement extends StockMovement {
  readonly id: number
}

export interface DoubtInput {
  /** In the order of time, none that was undone. */
  readonly movements: readonly LedgerMovement[]
  readonly unit: string
  readonly statedDailyUse: number | null
  /** A person stands by everything up to here. */
  readonly confirmedMovement: number | null
  readonly rules: DemandRules
}

/**
 * What of the last count and the uses since is hardly true: a count of 0 right after a delivery, a use of many days' worth,
 * a count that many days' worth a day would have to explain, or one of more than can be there. A count after a doubted
 * one is believed: somebody has looked again. So is a use no larger than one before: it can't be a slip every time.
 */
export function findDoubt(input: DoubtInput): Doubt | null {
  const { movements } = input
  const last = movements.findLastIndex((movement) => movement.kind === 'count')
  const count = last === -1 ? null : doubtCount(input, last)
  if (count !== null && !isRecount(input, last)) return count
  let largest = 0
  for (const [index, movement] of movements.entries()) {
    if (movement.kind !== 'use' || -movement.quantity <= largest) continue
    largest = -movement.quantity
    const doubt = index > last ? doubtUse(input, index) : null
    if (doubt !== null) return doubt
  }
  return null
}

function isRecount(input: DoubtInput, index: number): boolean {
  const before = input.movements.findLastIndex((movement, at) => at < index && movement.kind === 'count')
  return before !== -1 && doubtCount(input, before) !== null
}

function doubtUse(input: DoubtInput, index: number): Doubt | null {
  const past = pastOf(input, index)
  if (past === null || past.mean === null) return null
  const { movement, mean } = past
  const used = -movement.quantity
  if (used < multiplyQuantity(mean, input.rules.doubtTimes)) return null
  return {
    movementId: movement.id,
    text: `A use of ${used} ${input.unit} was recorded, but ${mean} ${input.unit} go in a day; undo it, count, or confirm it.`,
  }
}

function doubtCount(input: DoubtInput, index: number): Doubt | null {
  const past = pastOf(input, index)
  const before = past?.movements.findLastIndex((movement) => movement.kind === 'count') ?? -1
  const from = past?.movements[before]
  if (past === null || from === undefined) return null
  const { movement, mean } = past
  const { unit, rules } = input
  const counted = movement.counted ?? 0
  const since = past.movements.slice(before + 1)
  const most = addQuantity(from.counted ?? 0, sumOf(since, 'delivery'))
  const left = addQuantity(most, sumOf(since, 'use'))
  const doubt = (text: string) => ({ movementId: movement.id, text: `${text}; count it again, or confirm the count.` })

  if (counted === 0 && left > 0) {
    const recently = movement.at.getTime() - rules.doubtZeroDays * DAY_MS
    const delivery = since.findLast(
      ({ kind, quantity, at }) => kind === 'delivery' && quantity > (mean ?? 0) && at.getTime() >= recently,
    )
    if (delivery !== undefined) return doubt(`It was counted as 0 right after ${delivery.quantity} ${unit} came in`)
  }
  if (mean === null) return null
  const much = multiplyQuantity(mean, rules.doubtTimes)
  const surplus = subtractQuantity(counted, most)
  if (surplus >= much) {
    return doubt(`It was counted as ${counted} ${unit}, ${surplus} ${unit} more than was there or came in`)
  }
  const days = Math.max(1, (movement.at.getTime() - from.at.getTime()) / DAY_MS)
  const went = subtractQuantity(left, counted)
  if (went / days < much) return null
  const shown = Math.round(days * 10) / 10
  return doubt(
    `It was counted as ${counted} ${unit}: ${went} ${unit} gone in ${shown} ${shown === 1 ? 'day' : 'days'}, where ` +
      `${mean} ${unit} go in a day`,
  )
}

/** What was known when the movement came; null: too little to judge it by, or a person stands by it. */
function pastOf({ movements, statedDailyUse, confirmedMovement, rules }: DoubtInput, index: number) {
  const movement = movements[index]
  if (movement === undefined || movement.id <= (confirmedMovement ?? 0)) return null
  const past = movements.slice(0, index)
  if (statedDailyUse === null && past.filter(({ kind }) => kind !== 'adjustment').length < LEAST_MOVEMENTS) return null
  const mean = statedDailyUse ?? learnDailyUse(past, movement.at, rules.windowDays)?.mean ?? 0
  return { movement, movements: past, mean: mean > 0 ? mean : null }
}

function sumOf(movements: readonly LedgerMovement[], kind: 'delivery' | 'use'): number {
  return movements.reduce((sum, movement) => (movement.kind === kind ? addQuantity(sum, movement.quantity) : sum), 0)
}
