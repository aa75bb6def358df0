/**
 * A small supplier that speaks Restock's `http` channel (docs/channels.md), to try things with and to test against. It
 * behaves well or badly on demand; see behaviours.ts.
 */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { orderRequestSchema } from '../../src/purchasing/channels/http-protocol.js'
import { isWebhookSignatureValid } from '../../src/purchasing/channels/webhook-signature.js'
import { answerOf } from './answer.js'
import { type Behaviour, behaviours, isBehaviour } from './behaviours.js'
import type { OrderBook, TakenOrder } from './order-book.js'

export interface SupplierOptions {
  readonly book: OrderBook
  readonly now: () => Date
  /** Time between the order and the first parcel, and between parcels. */
  readonly deliverEveryMs: number
  /** What requests have to be signed with; null: anybody may order. */
  readonly secret: string | null
}

interface Env {
  readonly Bindings: HttpBindings
  readonly Variables: { behaviour: Behaviour; behaviourName: string; body: string }
}

export function createSupplier(options: SupplierOptions): Hono<Env> {
  const { book, now, secret } = options
  const app = new Hono<Env>()
  const say = (taken: TakenOrder, behaviour: Behaviour) => answerOf(taken, behaviour, now(), options.deliverEveryMs)

  app.get('/', (c) =>
    c.json({
      behaviours: Object.fromEntries(Object.entries(behaviours).map(([name, { about }]) => [name, about])),
      orders: book.all().map((taken) => ({
        ...say(taken, isBehaviour(taken.behaviour) ? behaviours[taken.behaviour] : behaviours.normal),
        behaviour: taken.behaviour,
        idempotency_key: taken.order.idempotency_key,
        sendings: book.sendings.get(taken.order.idempotency_key) ?? 0,
      })),
    }),
  )

  app.use('/:behaviour/orders/*', async (c, next) => {
    const name = c.req.param('behaviour')
    if (!isBehaviour(name)) return c.json({ error: `there is no behaviour ${name}; see /` }, 404)
    const body = await c.req.text()
    if (secret !== null && !isSigned(c, secret, body))
      return c.json({ error: 'the signature is missing or wrong' }, 401)
    const behaviour: Behaviour = behaviours[name]
    if (behaviour.isDown === true) return c.json({ error: 'out of order' }, 503)
    c.set('behaviour', behaviour)
    c.set('behaviourName', name)
    c.set('body', body)
    return next()
  })

  app.post('/:behaviour/orders', async (c) => {
    const behaviour = c.get('behaviour')
    const parsed = orderRequestSchema.safeParse(parseJson(c.get('body')))
    if (!parsed.success) return c.json({ status: 'rejected', reason: 'this is not an order' }, 400)
    const order = parsed.data
    if (c.req.header('idempotency-key') !== order.idempotency_key) {
      return c.json({ status: 'rejected', reason: 'the key in header and body differ' }, 400)
    }
    const isFirst = book.countSending(order.idempotency_key) === 1
    const happens = isFirst ? (behaviour.firstSending ?? 'answer') : 'answer'
    if (happens === 'cut before accepting') return cut(c)
    const taken = book.take({ behaviour: c.get('behaviourName'), order, takenAt: now() })
    if (happens === 'cut after accepting') return cut(c)
    if (happens === 'silent after accepting') return hang(c)
    const answer = say(taken, behaviour)
    return c.json(answer, answer.status === 'accepted' ? 202 : answer.status === 'rejected' ? 422 : 201)
  })

  app.get('/:behaviour/orders/by-key/:key', (c) => {
    const taken = book.find(c.req.param('key'))
    return taken === undefined ? c.json({ error: 'never got it' }, 404) : c.json(say(taken, c.get('behaviour')))
  })

  app.get('/:behaviour/orders/:reference', (c) => {
    const taken = book.findByReference(c.req.param('reference'))
    return taken === undefined ? c.json({ error: 'no such order' }, 404) : c.json(say(taken, c.get('behaviour')))
  })

  app.post('/:behaviour/orders/:reference/cancel', (c) => {
    const taken = book.findByReference(c.req.param('reference'))
    if (taken === undefined) return c.json({ error: 'no such order' }, 404)
    const behaviour = c.get('behaviour')
    const answer = say(taken, behaviour)
    if (behaviour.mayCancel === false || (answer.deliveries ?? []).length > 0) {
      return c.json({ ...answer, reason: 'it is packed already' }, 409)
    }
    book.cancel(taken.order.idempotency_key, now())
    return c.json({ ...answer, status: 'cancelled', reason: 'cancelled as you asked' })
  })

  return app
}

function isSigned(c: Context<Env>, secret: string, body: string): boolean {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    c.req.header(name),
  )
  if (id === undefined || timestamp === undefined || signature === undefined) return false
  return isWebhookSignatureValid(secret, { id, timestamp, signature }, body)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The line goes dead. */
function cut(c: Context<Env>): Response {
  c.env.incoming.socket.destroy()
  return new Response(null)
}

/** Nothing more is said until the other side gives up. */
async function hang(c: Context<Env>): Promise<Response> {
  const { socket } = c.env.incoming
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return new Response(null)
}
