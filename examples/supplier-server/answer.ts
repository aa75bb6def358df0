import type { OrderAnswer } from '../../src/purchasing/channels/http-protocol.js'
import type { Behaviour } from './behaviours.js'
import type { TakenOrder } from './order-book.js'

/** What the stand-in says of an order it took, at a given time. Pure: nothing happens between two looks but time. */
export function answerOf(taken: TakenOrder, behaviour: Behaviour, now: Date, deliverEveryMs: number): OrderAnswer {
  const { reference, order } = taken
  if (behaviour.rejects !== undefined) return { status: 'rejected', reference, reason: behaviour.rejects }
  if (taken.cancelledAt !== null) return { status: 'cancelled', reference, reason: 'cancelled as you asked' }
  const waited = (now.getTime() - taken.takenAt.getTime()) / deliverEveryMs
  if (waited < (behaviour.confirmsAfter ?? 0)) return { status: 'accepted', reference, reason: 'we look into it' }
  const isChanged = behaviour.changes !== undefined && waited >= (behaviour.changesAfter ?? 0)
  const lines = order.lines.map(({ line, packs, pack_price_minor }) => ({
    line,
    ...(isChanged ? behaviour.changes?.(packs, pack_price_minor) : {}),
  }))
  return {
    status: 'confirmed',
    reference,
    expected_at: new Date(taken.takenAt.getTime() + deliverEveryMs * parcelsOf(behaviour)).toISOString(),
    ...(isChanged ? { lines } : {}),
    deliveries: deliveriesOf(taken, behaviour, now, deliverEveryMs),
  }
}

function parcelsOf({ parcels, confirmsAfter }: Behaviour): number {
  return (parcels ?? 1) + (confirmsAfter ?? 0)
}

function deliveriesOf(taken: TakenOrder, behaviour: Behaviour, now: Date, deliverEveryMs: number) {
  const parcels = behaviour.parcels ?? 1
  const all = Array.from({ length: parcels }, (_, index) => {
    const number = index + 1
    const at = new Date(taken.takenAt.getTime() + deliverEveryMs * (number + (behaviour.confirmsAfter ?? 0)))
    const lines = taken.order.lines.map(({ line, packs, pack_price_minor }) => {
      const toSend = behaviour.changes?.(packs, pack_price_minor)
      const total = toSend !== undefined && 'packs' in toSend ? (toSend.packs ?? packs) : packs
      const share = Math.floor((total * number) / parcels) - Math.floor((total * index) / parcels)
      return { line, packs: share + (number === parcels ? (behaviour.extraPacks ?? 0) : 0) }
    })
    return { id: `${taken.reference}-${number}`, at: at.toISOString(), lines: lines.filter(({ packs }) => packs > 0) }
  }).filter(({ at, lines }) => lines.length > 0 && new Date(at) <= now)
  return behaviour.repeatsItself === true ? all.flatMap((delivery) => [delivery, delivery]) : all
}
