import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut off without a word, as a network does that swallows. */
export interface TcpProxy {
  readonly port: number
  /** From now on nothing gets through in either direction. New connections are taken, and hear nothing. */
  swallow(): void
  /** New connections get through; those that were there stay deaf and dumb. */
  letNewOnesThrough(): void
  close(): Promise<void>
}

export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  let isSwallowing = false
  const open = new Set<{ readonly near: Socket; readonly far: Socket; isDeaf: boolean }>()
  const server = createServer((near) => {
    const far = connect(target)
    const pair = { near, far, isDeaf: isSwallowing }
    open.add(pair)
    const carry = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => {
        if (!pair.isDeaf) to.write(chunk)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        // Nor is the end of one side heard on the other.
        if (!pair.isDeaf) to.destroy()
        else if (from === near) far.destroy()
      })
    }
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    swallow() {
      isSwallowing = true
      for (const pair of open) pair.isDeaf = true
    },
    letNewOnesThrough() {
      isSwallowing = false
    },
    async close() {
      for (const { near, far } of open) {
        near.destroy()
        far.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
