import { formatMoney } from '../../platform/decimal.js'
import type { Message } from '../../platform/errors.js'
import type { PlacementResult } from './placement.js'

const fates = [
  ['accepted', 'would be accepted'],
  ['pending_approval', 'would wait for a person'],
  ['refused', 'would be refused'],
] as const

/** What a dry run would have come to, in one sentence for model and person. */
export function rehearsalMessage(
  results: readonly Pick<PlacementResult, 'outcome' | 'totalMinor' | 'currency'>[],
): Message {
  const parts = fates.flatMap(([outcome, words]) => {
    const orders = results.filter((result) => result.outcome === outcome)
    const [first] = orders
    if (first === undefined) return []
    const total = orders.reduce((sum, order) => sum + order.totalMinor, 0)
    return [`${orders.length} for ${formatMoney(total, first.currency)} ${words}`]
  })
  const outlook = parts.length === 0 ? 'there is no order in it' : `of its orders ${parts.join(', ')}`
  return {
    code: 'dry_run',
    severity: 'final',
    text: `This run only rehearses: nothing was ordered or reserved; ${outlook}.`,
  }
}
