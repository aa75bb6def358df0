import type { AttentionReason, Remedy } from './order-attention.js'

interface Attended {
  readonly id: string
  readonly supplier_name: string
}

/** Why an order needs a person, and with which commands it is put right; null: it needs nobody. */
export function attentionByCommand(order: Attended, reasons: readonly AttentionReason[]): string | null {
  if (reasons.length === 0) return null
  return reasons.map(({ text, remedy }) => `${text}. ${commands[remedy](order)}.`).join(' ')
}

const commands: Readonly<Record<Remedy, (order: Attended) => string>> = {
  decide_change: ({ id }) => `Take it with: orders approve ${id}; or refuse with: orders decline ${id}`,
  settle_excess: ({ id, supplier_name }) => `Settle it with ${supplier_name}, then: orders close ${id}`,
  settle_excess_later: ({ supplier_name }) => `Settle it with ${supplier_name}`,
  order_by_hand: ({ id }) => `When you have: orders resolve ${id} --placed; or --not-placed where it can't be had`,
  settle_cancel: ({ id }) => `Settle it with them, then end it with: orders close ${id} or orders receive ${id}`,
  end_doubt: ({ id }) => `Find out, then: orders resolve ${id} --placed or --not-placed`,
  wait_for_sending: () => 'It is tried again by itself',
  wait_for_answer: () => 'It is asked again by itself',
  ask_for_goods: ({ id, supplier_name }) => `Ask ${supplier_name}, then: orders receive ${id} or orders close ${id}`,
}
