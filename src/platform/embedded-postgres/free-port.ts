import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Connections in flight may hold a port a moment longer than the server that died. */
const preferredTries = 20
const betweenTriesMs = 100

/**
 * A port that is free on loopback at this moment: `preferred` if it is or becomes so within two seconds, since others know
 * it, else any. Someone may take it before its use.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    for (let attempt = 0; attempt < preferredTries; attempt++) {
      if ((await tryPort(preferred)) === preferred) return preferred
      await sleep(betweenTriesMs)
    }
  }
  const port = await tryPort(0)
  if (port === undefined) throw new Error('No port is free on 127.0.0.1.')
  return port
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined))
    })
  })
}
