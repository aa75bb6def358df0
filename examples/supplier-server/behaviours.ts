/**
 * How a supplier can behave, good and bad. The first part of the path picks one: a supplier whose URL in Restock is
 * `http://127.0.0.1:4280/late/orders` is always late.
 */
import type { OrderAnswer } from '../../src/purchasing/channels/http-protocol.js'

export interface Behaviour {
  readonly about: string
  /** What becomes of the first sending of an order; later ones are always answered. */
  readonly firstSending?: 'answer' | 'cut before accepting' | 'cut after accepting' | 'silent after accepting'
  /** Nothing is known of any order, and every request fails. */
  readonly isDown?: boolean
  /** Says yes only this many deliveries' time after the order came. */
  readonly confirmsAfter?: number
  /** What is different from the order. */
  readonly changes?: (packs: number, priceMinor: number) => Omit<NonNullable<OrderAnswer['lines']>[number], 'line'>
  /** Said from this many deliveries' time on; absent: from the beginning. */
  readonly changesAfter?: number
  readonly rejects?: string
  /** Into how many parcels the packs of a line go; absent: one. */
  readonly parcels?: number
  /** Packs more than were ordered, in the last parcel. */
  readonly extraPacks?: number
  /** Reports each delivery twice. */
  readonly repeatsItself?: boolean
  readonly mayCancel?: boolean
}

export const behaviours = {
  normal: { about: 'says yes and delivers everything' },
  late: { about: 'says yes only after a while', confirmsAfter: 1 },
  twice: { about: 'reports every delivery twice', repeatsItself: true },
  silent: { about: 'takes the order and never answers', firstSending: 'silent after accepting' },
  'cut-after': { about: 'takes the order, and the connection breaks', firstSending: 'cut after accepting' },
  'cut-before': { about: 'the connection breaks before it takes the order', firstSending: 'cut before accepting' },
  down: { about: 'fails at everything', isDown: true },
  reject: { about: 'says no', rejects: 'not in our range any more' },
  fewer: { about: 'delivers one pack less of each line', changes: (packs) => ({ packs: Math.max(0, packs - 1) }) },
  more: { about: 'delivers one pack more of each line, and charges it', changes: (packs) => ({ packs: packs + 1 }) },
  nothing: { about: 'says yes and has nothing', changes: () => ({ packs: 0 }) },
  dearer: {
    about: 'charges 20 % more',
    changes: (_, price) => ({ pack_price_minor: Math.ceil(price * 1.2) }),
  },
  'slightly-dearer': {
    about: 'charges 2 % more',
    changes: (_, price) => ({ pack_price_minor: Math.ceil(price * 1.02) }),
  },
  'dearer-later': {
    about: 'says yes, and thinks better of the price a while later',
    changes: (_, price) => ({ pack_price_minor: Math.ceil(price * 1.2) }),
    changesAfter: 1,
  },
  substitute: {
    about: 'delivers something else',
    changes: () => ({ substitute: { sku: 'OTHER', product: 'Something very similar' } }),
  },
  parts: { about: 'delivers in three parcels', parcels: 3 },
  over: { about: 'delivers two packs too many', extraPacks: 2 },
  stubborn: {
    about: 'charges 20 % more and cancels nothing',
    changes: (_, price) => ({ pack_price_minor: Math.ceil(price * 1.2) }),
    mayCancel: false,
  },
  'no-cancel': { about: 'cancels nothing', mayCancel: false },
} as const satisfies Readonly<Record<string, Behaviour>>

export type BehaviourName = keyof typeof behaviours

export function isBehaviour(name: string): name is BehaviourName {
  return Object.hasOwn(behaviours, name)
}
