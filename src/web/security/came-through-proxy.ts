import type { Context } from 'hono'
import { isLoopback } from '../../platform/http-guard.js'

/** Says that a request was passed on from another machine, as proxies and tunnels do. It proves nothing, but nobody at this machine says so. */
export function cameThroughProxy(c: Context): boolean {
  const forwarded = [...(c.req.header('forwarded') ?? '').matchAll(/for="?([^";,\s]+)/gi)].map(
    ([, address = '']) => address,
  )
  const others = ['x-forwarded-for', 'x-real-ip'].flatMap((name) => (c.req.header(name) ?? '').split(','))
  return [...forwarded, ...others].some((address) => {
    const host = withoutPort(address.trim().toLowerCase())
    return host !== '' && !isLoopback(host)
  })
}

function withoutPort(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return /^(\[[^\]]*\]|[^:]+):\d+$/.exec(plain)?.[1] ?? plain
}
