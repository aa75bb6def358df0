import { createServer } from 'node:net'
import type { Config } from '../../config/config.js'
import type { DomainContext } from '../../platform/context.js'
import { errorCode } from '../../platform/folder-errors.js'
import { assertMayListen, assertMayStart } from '../../web/security/may-listen.js'
import { lastPort } from '../../web/start-web.js'
import { webUrl } from '../../web/web-url.js'
import { type Check, checking, ok, problem } from './check.js'

/**
 * Whether the dashboard may and can listen where it is told to, judged as a start judges it; a port that Restock itself holds
 * is fine. Without a context, as where there is no database yet, nobody has a token.
 */
export function checkWeb(web: Config['web'], ctx: DomainContext | null): Promise<Check> {
  return checking('web port', async () => {
    if (ctx === null) assertMayListen(web)
    else await assertMayStart(ctx, web)
    const where = `${web.host}:${web.port}`
    const refused = await tryPort(web.host, web.port)
    if (refused === null) return ok('web port', `${where} is free`)
    if (refused === 'EADDRINUSE' && (await isRestock(webUrl(web.host, web.port)))) {
      return ok('web port', `${where} is Restock's own: it is running`)
    }
    const next = refused === 'EADDRINUSE' ? await nextFreePort(web.host, web.port) : null
    if (next !== null) {
      return ok('web port', `${where} is taken, so the dashboard would be on ${next}; RESTOCK_WEB_PORT chooses one`)
    }
    const why = refused === 'EADDRINUSE' ? 'is taken by another program' : `can't be used (${refused})`
    return problem(
      'web port',
      `${where} ${why}; set RESTOCK_WEB_PORT to another port or RESTOCK_WEB_HOST to another address`,
    )
  })
}

/** null: no other is tried, or all are taken. */
async function nextFreePort(host: string, port: number): Promise<number | null> {
  for (let next = port + 1; next <= lastPort(port); next++) if ((await tryPort(host, next)) === null) return next
  return null
}

/** The code of the refusal; null: the port is free. */
function tryPort(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(errorCode(error) ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

async function isRestock(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(2_000) })
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null && 'service' in body && body.service === 'restock'
  } catch {
    return false
  }
}
