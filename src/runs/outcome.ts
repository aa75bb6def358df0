import { addQuantity, formatMoney, subtractQuantity } from '../platform/decimal.js'
import type { Decision, OutcomeItem, OutcomeOrder, OutcomeOrderLine, RunSnapshot, SnapshotItem } from './run.js'

/**
 * How the agent's part of a run ended. `diverged`: an interrupted run could not be gone on with from its journal; `not_needed`:
 * nothing was due; `failed`: no attempt at the run got through.
 */
export type RunEnd =
  | 'completed'
  | 'max_turns'
  | 'token_budget'
  | 'timeout'
  | 'model_error'
  | 'diverged'
  | 'not_needed'
  | 'failed'

/** An order of this run as the ordering server shows it now. */
export interface OrderFact extends OutcomeOrder {
  readonly approvalReasons: readonly string[]
  readonly statusReason: string | null
}

/** An order that would have been made: what of an order decides what is said of its items. */
export interface RehearsedOrder {
  readonly supplier: string
  readonly currency: string
  readonly status: 'approved' | 'awaiting_approval'
  readonly approvalReasons: readonly string[]
  readonly statusReason: null
  readonly lines: readonly QuotedLine['line'][]
}

/** A line that a quote offered, whether or not it was then ordered. */
export interface QuotedLine {
  readonly supplier: string
  readonly currency: string
  readonly line: Omit<OutcomeOrderLine, 'taxMinor'>
}

/** Everything that is known about a run once its agent is done. Only `skipped` and `claimed` are words of the model. */
export interface OutcomeFacts {
  readonly snapshot: RunSnapshot
  readonly orders: readonly OrderFact[]
  /** By item: the lines of the latest quote that covered it. */
  readonly quoted: ReadonlyMap<string, readonly QuotedLine[]>
  /** By item: why the latest quote could not cover it. */
  readonly unmet: ReadonlyMap<string, { readonly code: string; readonly text: string }>
  /** By item: why the ordering server refused to order what was quoted. */
  readonly refusals: ReadonlyMap<string, string>
  /** What a dry run was told would have been ordered. */
  readonly rehearsed: readonly RehearsedOrder[]
  /** By item: why nobody can say whether it was ordered. */
  readonly uncertain: ReadonlyMap<string, string>
  /** What was due when the last attempt began; null: that attempt did not get so far. */
  readonly stillDue: ReadonlySet<string> | null
  /** By item: the model's reason for leaving it out. */
  readonly skipped: ReadonlyMap<string, string>
  /** Items that the model says it ordered. */
  readonly claimed: ReadonlySet<string>
  readonly ended: RunEnd
  /** One sentence on what went wrong, for `model_error` and `failed`. */
  readonly error: string | null
  readonly dryRun: boolean
}

/**
 * Every item of the snapshot with its decision and a reason that its owner understands, in the snapshot's order; after them
 * what was not due and was bought along.
 */
export function decideOutcome(facts: OutcomeFacts): OutcomeItem[] {
  const bought = new Set(facts.orders.flatMap((order) => order.lines.map((line) => line.itemId)))
  const along = (facts.snapshot.topUps ?? []).filter((item) => bought.has(item.itemId))
  return [...facts.snapshot.items, ...along].map((item) => {
    const lines = linesFor(item, facts.orders)
    const verdict = lines.length > 0 ? judgeOrdered(item, lines, facts) : judgeNotOrdered(item, facts)
    const contradiction = contradictedClaim(item, verdict, facts)
    return {
      itemId: item.itemId,
      name: item.name,
      decision: verdict.decision,
      reason: contradiction === null ? verdict.reason : `${verdict.reason} (${contradiction})`,
      needQuantity: item.need,
      orderedQuantity: verdict.orderedQuantity,
      unit: item.unit,
    }
  })
}

type JudgedOrder = OrderFact | RehearsedOrder

function linesFor(item: SnapshotItem, orders: readonly JudgedOrder[]): OrderedLine[] {
  return orders.flatMap((order) =>
    order.lines.filter((line) => line.itemId === item.itemId).map((line) => ({ order, line })),
  )
}

interface Verdict {
  readonly decision: Decision
  readonly reason: string
  readonly orderedQuantity: number
}

interface OrderedLine {
  readonly order: JudgedOrder
  readonly line: QuotedLine['line']
}

/** Nothing will come of an order in one of these; its item is free to be ordered again. */
const endedBadly: ReadonlySet<string> = new Set(['rejected', 'declined', 'cancelled', 'expired'])

function standing(status: string): 'refused' | 'unknown' | 'pending_approval' | 'ordered' {
  if (endedBadly.has(status)) return 'refused'
  if (status === 'unknown') return 'unknown'
  return status === 'awaiting_approval' ? 'pending_approval' : 'ordered'
}

/** Several orders for one item: what is least sure decides, since that is what a person must know. */
const leastSureFirst = ['unknown', 'pending_approval', 'ordered'] as const

function judgeOrdered(item: SnapshotItem, lines: readonly OrderedLine[], facts: OutcomeFacts): Verdict {
  const live = lines.filter(({ order }) => !endedBadly.has(order.status))
  const orderedQuantity = live.reduce((sum, { line }) => addQuantity(sum, line.quantity), 0)
  const groups = [...leastSureFirst, 'refused' as const]
    .map((kind) => ({ kind, group: lines.filter(({ order }) => standing(order.status) === kind) }))
    .filter(({ group }) => group.length > 0)
  const decision = groups[0]?.kind ?? 'refused'
  const parts = groups.map(({ kind, group }) => describeStanding(kind, group, facts.dryRun))
  const why = decision === 'ordered' || decision === 'pending_approval' ? [whyDue(item)] : []
  return {
    decision,
    reason: [...parts, ...describeShortage(item, orderedQuantity, decision, facts), ...why].join('; '),
    orderedQuantity,
  }
}

/** Why it was due, from the numbers that the need was worked out of: 'due at 8 l, reorder point 20 l'. */
function whyDue(item: SnapshotItem): string {
  if (item.need === 0) return 'not due yet, but buying it along makes the whole cheaper'
  if (item.kind === 'one_off') return 'due as it was requested'
  if (item.kind === 'standing') return 'due as a standing need'
  const onOrder = item.onOrder === 0 ? '' : ` and ${item.onOrder} ${item.unit} on order`
  return `due at ${item.onHand} ${item.unit}${onOrder}, reorder point ${item.reorderPoint ?? 0} ${item.unit}`
}

function describeStanding(
  kind: ReturnType<typeof standing>,
  lines: readonly OrderedLine[],
  isRehearsal: boolean,
): string {
  const what = lines.map(({ order, line }) => describeLine(line, order.supplier, order.currency)).join(' and ')
  const [first] = lines
  switch (kind) {
    case 'ordered':
      return `${isRehearsal ? 'would order' : 'ordered'} ${what}`
    case 'pending_approval': {
      const why = [...new Set(lines.flatMap(approvalReasons))].join(' and ')
      return `${isRehearsal ? 'would wait' : 'waits'} for approval: ${what}${why === '' ? '' : `, since ${why}`}`
    }
    case 'unknown':
      return `it is not known whether the supplier got the order for ${what}; it counts as ordered until that is settled`
    case 'refused': {
      const why = first?.order.statusReason
      return `${first?.order.status ?? 'refused'}: ${what}${why ? ` (${why})` : ''}`
    }
  }
}

/**
 * An order says why it waits for all its lines together. A line gets the reasons that name its product, else those that
 * name none; else it waits because of the others.
 */
function approvalReasons({ order, line }: OrderedLine): string[] {
  const names = (reason: string, product: string) => reason.includes(product)
  const own = order.approvalReasons.filter((reason) => names(reason, line.product))
  const general = order.approvalReasons.filter((reason) => !order.lines.some(({ product }) => names(reason, product)))
  if (own.length + general.length > 0) return [...own, ...general].map(asClause)
  return order.approvalReasons.length === 0 ? [] : ['other lines of the same order need it']
}

function asClause(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + withoutStop(sentence).slice(1)
}

function describeShortage(
  item: SnapshotItem,
  orderedQuantity: number,
  decision: Decision,
  facts: OutcomeFacts,
): string[] {
  if (decision === 'refused' || orderedQuantity >= item.need) return []
  const missing = subtractQuantity(item.need, orderedQuantity)
  const why = facts.refusals.get(item.itemId) ?? facts.unmet.get(item.itemId)?.text
  return [
    `${missing} ${item.unit} short of the ${item.need} ${item.unit} needed${why === undefined ? '' : `: ${withoutStop(why)}`}`,
  ]
}

/** A need that quotes can't cover: some a limit of ours forbids, the rest a person has to look at. */
const forbidden: ReadonlySet<string> = new Set([
  'above_unit_price_cap',
  'below_minimum_order',
  'supplier_not_allowed',
  'over_budget',
  'above_maximum_order',
  'limit_price_rise',
  'limit_max_line_amount',
  'declined',
])

function judgeNotOrdered(item: SnapshotItem, facts: OutcomeFacts): Verdict {
  const verdict = (decision: Decision, reason: string): Verdict => ({
    decision,
    reason: withoutStop(reason),
    orderedQuantity: 0,
  })
  const { itemId } = item

  const uncertain = facts.uncertain.get(itemId)
  if (uncertain !== undefined) return verdict('unknown', uncertain)
  if (facts.stillDue !== null && !facts.stillDue.has(itemId)) {
    return verdict('skipped', 'it was due when the run began, and no longer is')
  }
  const rehearsed = linesFor(item, facts.rehearsed)
  if (rehearsed.length > 0) return verdict('skipped', `dry run: ${judgeOrdered(item, rehearsed, facts).reason}`)
  const quoted = facts.quoted.get(itemId)
  const refusal = facts.refusals.get(itemId)
  if (refusal !== undefined) return verdict('refused', facts.dryRun ? `dry run: would be refused: ${refusal}` : refusal)
  if (facts.dryRun && quoted !== undefined) {
    const what = quoted.map(({ line, supplier, currency }) => describeLine(line, supplier, currency)).join(' and ')
    return verdict('skipped', `dry run: would order ${what}; ${whyDue(item)}`)
  }
  const unmet = facts.unmet.get(itemId)
  const skipped = facts.skipped.get(itemId)
  if (unmet !== undefined) {
    const comment = skipped === undefined ? '' : `; ${skipped}`
    return verdict(forbidden.has(unmet.code) ? 'refused' : 'needs_attention', `${withoutStop(unmet.text)}${comment}`)
  }
  if (item.need === 0) return verdict('needs_attention', item.attention ?? 'it is due, but there is nothing to order')
  if (skipped !== undefined) return verdict('skipped', `left out by the model: ${skipped}`)
  return verdict('needs_attention', withoutDecision(facts, quoted !== undefined))
}

function withoutDecision(facts: OutcomeFacts, wasQuoted: boolean): string {
  const sofar = wasQuoted ? 'it was quoted, but not ordered' : 'nothing was ordered'
  switch (facts.ended) {
    case 'completed':
      return wasQuoted ? 'the model had a quote for it, but did not order it' : 'the model made no decision'
    case 'max_turns':
      return `${sofar}: the model was stopped after too many steps`
    case 'token_budget':
      return `${sofar}: the model used up the tokens a run may use`
    case 'timeout':
      return `${sofar}: the time a run may take was over`
    case 'model_error':
      return `${sofar}: the model failed${facts.error === null ? '' : ` (${withoutStop(facts.error)})`}`
    case 'diverged':
      return `${sofar}: the run was interrupted and its model could not be asked further; the next run decides anew`
    case 'failed':
      return `${sofar}: the run failed${facts.error === null ? '' : ` (${withoutStop(facts.error)})`}`
    case 'not_needed':
      return sofar
  }
}

/** What the model said of an item that is not so. Facts win; the claim is shown beside them. */
function contradictedClaim(item: SnapshotItem, verdict: Verdict, facts: OutcomeFacts): string | null {
  const hasOrder = verdict.decision !== 'refused' && verdict.orderedQuantity > 0
  const skipped = facts.skipped.get(item.itemId)
  if (hasOrder && skipped !== undefined) return `the model says it left this out: ${withoutStop(skipped)}`
  if (!hasOrder && !facts.dryRun && facts.claimed.has(item.itemId))
    return 'the model says it ordered this, but there is no such order'
  return null
}

/** '24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR'. */
function describeLine(line: QuotedLine['line'], supplier: string, currency: string): string {
  const packs = `${line.packs} × ${line.packQuantity} ${line.unit}`
  return `${line.quantity} ${line.unit} as ${packs} from ${supplier} for ${formatMoney(line.lineTotalMinor, currency)}`
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.+$/, '')
}
