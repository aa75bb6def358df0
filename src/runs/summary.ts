import { formatMoney } from '../platform/decimal.js'
import type { Decision, OutcomeItem, OutcomeOrder } from './run.js'

export interface SummaryFacts {
  readonly list: string
  readonly dryRun: boolean
  readonly items: readonly OutcomeItem[]
  readonly orders: readonly OutcomeOrder[]
  /** The model's own closing words; commentary, not fact. */
  readonly comment: string | null
  /** What else a reader must know: instructions that were not used, a model that failed. */
  readonly notes: readonly string[]
}

/** In the order in which a reader wants to know. */
const headings: readonly (readonly [Decision, string])[] = [
  ['ordered', 'Ordered'],
  ['pending_approval', 'Waiting for approval'],
  ['unknown', 'Not known yet'],
  ['refused', 'Refused'],
  ['needs_attention', 'Needs attention'],
  ['skipped', 'Skipped'],
]

/** Words with which a reason repeats the heading that it stands under. */
const saidByHeading = /^(?:ordered|waits for approval:|dry run:) /

/** One readable text for log and terminal: what became of each item, then the totals per supplier and currency. */
export function summarizeRun(facts: SummaryFacts): string {
  const lines = [headline(facts)]
  for (const [decision, heading] of headings) {
    const items = facts.items.filter((item) => item.decision === decision)
    if (items.length === 0) continue
    lines.push(`${heading}:`, ...items.map((item) => `  ${item.name}: ${item.reason.replace(saidByHeading, '')}`))
  }
  lines.push(...totals(facts.orders))
  lines.push(...facts.notes)
  if (facts.comment !== null && facts.comment.trim() !== '') lines.push(`The model's comment: ${facts.comment.trim()}`)
  return lines.join('\n')
}

function headline(facts: SummaryFacts): string {
  const dry = facts.dryRun ? ' (dry run: nothing was ordered)' : ''
  if (facts.items.length === 0) return `${facts.list}: nothing is due${dry}.`
  const counts = headings.flatMap(([decision, heading]) => {
    const count = facts.items.filter((item) => item.decision === decision).length
    return count === 0 ? [] : [`${count} ${heading.toLowerCase()}`]
  })
  // What was bought along had no need of its own.
  const dueCount = facts.items.filter((item) => item.needQuantity > 0 || item.orderedQuantity === 0).length
  const due = `${dueCount} ${dueCount === 1 ? 'item' : 'items'} due`
  return `${facts.list}: ${due}: ${counts.join(', ')}${dry}.`
}

/** Nothing came of an order in one of these, so its money is no part of any total. */
const withoutCost: ReadonlySet<string> = new Set(['rejected', 'declined', 'cancelled', 'expired'])

function totals(orders: readonly OutcomeOrder[]): string[] {
  const counted = orders.filter((order) => !withoutCost.has(order.status))
  if (counted.length === 0) return []
  const lines = counted.map((order) => {
    const extras = [
      order.shippingMinor === 0 ? null : `shipping ${formatMoney(order.shippingMinor, order.currency)}`,
      order.taxMinor === 0 ? null : `tax ${formatMoney(order.taxMinor, order.currency)}`,
      order.discountMinor === 0 ? null : `discount ${formatMoney(order.discountMinor, order.currency)}`,
    ].filter((extra) => extra !== null)
    const included = extras.length === 0 ? '' : `, with ${extras.join(', ')}`
    const count = `${order.lines.length} ${order.lines.length === 1 ? 'line' : 'lines'}`
    return `  ${order.supplier}: ${formatMoney(order.totalMinor, order.currency)} (${order.id}, ${order.status}, ${count}${included})`
  })
  const byCurrency = new Map<string, number>()
  for (const order of counted) byCurrency.set(order.currency, (byCurrency.get(order.currency) ?? 0) + order.totalMinor)
  const sums = [...byCurrency].map(([currency, sum]) => formatMoney(sum, currency))
  const waiting = counted.filter((order) => order.status === 'awaiting_approval')
  const hint = waiting.map((order) => `  restock orders approve ${order.id}   # or decline`)
  return [
    'Orders:',
    ...lines,
    `Total: ${sums.join(' + ')}`,
    ...(hint.length === 0 ? [] : ['What waits for you:', ...hint]),
  ]
}
