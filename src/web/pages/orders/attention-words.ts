import type { Remedy } from '../../../purchasing/orders/order-attention.js'
import type { Order } from '../../../purchasing/orders/order-view.js'

/** Why an order needs a person, and with which buttons of its page it is put right; one text a reason. */
export function attentionOnPages(order: Pick<Order, 'attentionReasons' | 'supplier'>): readonly string[] {
  return order.attentionReasons.map(({ text, remedy }) => `${text}. ${buttons[remedy](order.supplier)}.`)
}

/** As the buttons and headings of `order-actions` are called. */
const buttons: Readonly<Record<Remedy, (supplier: string) => string>> = {
  decide_change: () => 'Take it or refuse the change',
  settle_excess: (supplier) => `Settle it with ${supplier}, then press “What came too much is settled”`,
  settle_excess_later: (supplier) => `Settle it with ${supplier}`,
  order_by_hand: () => 'Then press “I have ordered it”, or “It can’t be had”',
  settle_cancel: () => 'Settle it with them, then fill in “Goods came in” or “Nothing more comes of it”',
  end_doubt: () => 'Find out, then press “They have it” or “They never got it”',
  wait_for_sending: () => 'It is tried again by itself',
  wait_for_answer: () => 'It is asked again by itself',
  ask_for_goods: (supplier) => `Ask ${supplier}, then fill in “Goods came in” or “Nothing more comes of it”`,
}
