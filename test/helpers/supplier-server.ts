import { serve } from '@hono/node-server'
import type { BehaviourName } from '../../examples/supplier-server/behaviours.js'
import { type OrderBook, openOrderBook } from '../../examples/supplier-server/order-book.js'
import { createSupplier } from '../../examples/supplier-server/server.js'

export interface TestSupplier {
  readonly book: OrderBook
  urlOf(behaviour: BehaviourName): string
  close(): Promise<void>
}

/** The stand-in of examples/supplier-server on loopback, on the test's clock. Parcels are a day apart. */
export async function startSupplier(options: {
  readonly now: () => Date
  readonly secret?: string
  readonly deliverEveryMs?: number
}): Promise<TestSupplier> {
  const book = openOrderBook(null)
  const { now, secret = null, deliverEveryMs = 86_400_000 } = options
  const app = createSupplier({ book, now, deliverEveryMs, secret })
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({
        book,
        urlOf: (behaviour) => `http://127.0.0.1:${port}/${behaviour}/orders`,
        close: () =>
          new Promise((closed) => {
            if ('closeAllConnections' in server) server.closeAllConnections()
            server.close(() => closed())
          }),
      }),
    )
  })
}
