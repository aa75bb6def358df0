import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { Config } from '../../config/config.js'
import { isLoopback } from '../../platform/http-guard.js'

/**
 * Where a request comes from, as far as counting failed logins goes. Behind a proxy on this machine that is what the proxy
 * says (the last entry is its own); anybody else's word for it counts nothing. Of IPv6 the network: a host has 2^64 addresses.
 */
export function clientAddress(c: Context, web: Pick<Config['web'], 'publicUrl'>): string {
  // Requests that didn't come over a socket (tests) have none.
  const peer = c.env?.incoming === undefined ? 'unknown' : (getConnInfo(c).remote.address ?? 'unknown')
  const forwarded = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim()
  const isProxied = web.publicUrl !== undefined && web.publicUrl !== null && isLoopback(peer.replace(/^::ffff:/, ''))
  return network((isProxied ? forwarded : undefined) ?? peer).slice(0, 64)
}

function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? 0 : tail.split(':').length
  const filled =
    tail === undefined
      ? groups
      : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - rest) }, () => '0'), ...tail.split(':')]
  return `${filled.slice(0, 4).join(':')}::/64`
}
