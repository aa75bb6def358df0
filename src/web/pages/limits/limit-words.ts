import type { LimitKind } from '../../../purchasing/limits/limit-settings.js'

/** How limits are called for people, in the order in which they are shown. */
export const limitWords: Readonly<Partial<Record<LimitKind, readonly [title: string, hint: string]>>> = {
  per_order: ['Most per order', 'with shipping and tax'],
  per_day: ['Most a day', ''],
  per_week: ['Most a week', 'from Monday'],
  per_month: ['Most a month', ''],
  approve_above: ['Ask me above', 'larger orders wait for approval'],
  max_line_amount: ['Most per item of an order', 'net'],
  order_effort: ['One order fewer is worth', 'so much dearer a basket may be for it; weighed, never paid'],
  orders_per_day: ['Orders a day', 'at most'],
  orders_per_run: ['Orders per run and supplier', 'at most'],
  max_times_need: ['Ask me above so many times the need', 'an order of more of an item waits for approval'],
  max_price_rise_percent: ['Largest price rise (%)', 'against what was paid last'],
  price_rise: ['A larger price rise', ''],
  allowed_suppliers: ['Allowed suppliers', 'ids, separated by commas; blank: all'],
  amendment_tolerance_percent: ['Dearer after sending (%)', 'so much a supplier may add to a sent order'],
  on_amendment: ['A larger change by the supplier', ''],
  overdue_grace_days: ['Days until overdue', 'after the expected day'],
  first_purchase_needs_approval: ['First purchase of a product waits', 'where only its name says what it is'],
  first_supplier_order_needs_approval: ['First order from a supplier waits', ''],
  person_orders_need_approval: ['Orders through an MCP client wait', 'what a person’s chat program orders'],
}

/** The title of a limit, also of one supplier's: `per_supplier.north-dairy.per_month`. */
export function limitTitle(kind: string): string {
  const [first, supplier, last] = kind.split('.')
  if (first === 'per_supplier' && supplier !== undefined && last !== undefined) {
    return `${last === 'per_month' ? 'Most a month' : 'Most per order'} at ${supplier}`
  }
  return limitWords[kind as LimitKind]?.[0] ?? kind.replaceAll('_', ' ')
}
