import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Clock, Logger } from '../platform/context.js'
import { isSameSecret } from '../platform/http-guard.js'

export interface PasswordOptions {
  readonly password: string
  readonly clock: Clock
  readonly log: Logger
  /** Pause before a wrong password is refused. */
  readonly delayMs?: number
}

const maxFailures = 10
const windowMs = 60_000
// Far more than the people of one installation; whoever has more addresses pays with the delay.
const maxAddresses = 10_000

/**
 * Lets in who knows the password (HTTP Basic; any user name). Ten wrong ones from an address within a minute, and that
 * address has to wait until the minute is over, whatever it sends.
 */
export function requirePassword({ password, clock, log, delayMs = 250 }: PasswordOptions): MiddlewareHandler {
  const expected = digest(password)
  const failures = new Map<string, readonly number[]>()
  const recentFailures = (address: string) => {
    const since = clock.now().getTime() - windowMs
    return (failures.get(address) ?? []).filter((instant) => instant > since)
  }
  return createMiddleware(async (c, next) => {
    const address = remoteAddress(c)
    const recent = recentFailures(address)
    const [oldest] = recent
    if (oldest !== undefined && recent.length >= maxFailures) {
      const waitMs = oldest + windowMs - clock.now().getTime()
      return c.text('Too many wrong passwords; try again in a minute.', 429, {
        'Retry-After': `${Math.ceil(waitMs / 1_000)}`,
      })
    }
    const given = readPassword(c.req.header('authorization'))
    // Digests: comparing takes the same time for passwords of any length.
    if (given !== null && isSameSecret(digest(given), expected)) return next()
    if (given !== null) {
      // Noted before the pause, so that trying many at once gains nothing.
      failures.delete(address)
      failures.set(address, [...recent, clock.now().getTime()])
      const [first] = failures.keys()
      if (failures.size > maxAddresses && first !== undefined) failures.delete(first)
      log.warn({ address }, 'the dashboard refused a wrong password')
      await sleep(delayMs)
    }
    return c.text('A password is needed.', 401, { 'WWW-Authenticate': 'Basic realm="Restock", charset="UTF-8"' })
  })
}

function readPassword(header: string | undefined): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? null : text.slice(colon + 1)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function remoteAddress(c: Context): string {
  // Requests that didn't come over a socket (tests) have none.
  return c.env?.incoming === undefined ? 'unknown' : (getConnInfo(c).remote.address ?? 'unknown')
}
