/** What the stand-in remembers: the orders it took by their key, and how often each was sent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { orderRequestSchema } from '../../src/purchasing/channels/http-protocol.js'

const takenSchema = z.object({
  reference: z.string(),
  behaviour: z.string(),
  order: orderRequestSchema,
  takenAt: z.iso.datetime().transform((text) => new Date(text)),
  cancelledAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .nullable(),
})

export type TakenOrder = z.infer<typeof takenSchema>

export interface OrderBook {
  /** Requests to order by key: more than one for a key is the same order again. */
  readonly sendings: ReadonlyMap<string, number>
  countSending(key: string): number
  find(key: string): TakenOrder | undefined
  findByReference(reference: string): TakenOrder | undefined
  all(): readonly TakenOrder[]
  /** A key that is known keeps the order it was first sent with. */
  take(input: Pick<TakenOrder, 'behaviour' | 'order' | 'takenAt'>): TakenOrder
  cancel(key: string, at: Date): void
}

/** With a file, nothing is lost when the server ends; without, it forgets. */
export function openOrderBook(file: string | null): OrderBook {
  const orders = new Map<string, TakenOrder>()
  const sendings = new Map<string, number>()
  if (file !== null && existsSync(file)) {
    for (const order of z.array(takenSchema).parse(JSON.parse(readFileSync(file, 'utf8')))) {
      orders.set(order.order.idempotency_key, order)
    }
  }
  const save = () => {
    if (file !== null) writeFileSync(file, JSON.stringify([...orders.values()], null, 2))
  }
  return {
    sendings,
    countSending: (key) => {
      const count = (sendings.get(key) ?? 0) + 1
      sendings.set(key, count)
      return count
    },
    find: (key) => orders.get(key),
    findByReference: (reference) => [...orders.values()].find((order) => order.reference === reference),
    all: () => [...orders.values()],
    take: (input) => {
      const known = orders.get(input.order.idempotency_key)
      if (known !== undefined) return known
      const taken = { ...input, reference: `S-${1000 + orders.size + 1}`, cancelledAt: null }
      orders.set(input.order.idempotency_key, taken)
      save()
      return taken
    },
    cancel: (key, at) => {
      const order = orders.get(key)
      if (order === undefined || order.cancelledAt !== null) return
      orders.set(key, { ...order, cancelledAt: at })
      save()
    },
  }
}
