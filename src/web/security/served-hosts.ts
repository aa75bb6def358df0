import { hostname, networkInterfaces } from 'node:os'
import type { Config } from '../../config/config.js'

/**
 * The names under which the dashboard may be asked for, besides loopback. One that listens on all addresses is asked for
 * by each of them and by the machine's own name; a name that somebody else's page chose is not among these.
 */
export function servedHosts({ host, publicUrl }: Pick<Config['web'], 'host' | 'publicUrl'>): string[] {
  const published = publicUrl === undefined || publicUrl === null ? [] : [new URL(publicUrl).hostname.toLowerCase()]
  if (host !== '0.0.0.0' && host !== '::' && host !== '[::]') return [...published, host.toLowerCase(), bracketed(host)]
  const addresses = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
  const name = hostname().toLowerCase()
  return [
    ...published,
    ...addresses.map((address) => bracketed(address.split('%')[0] ?? address)),
    name,
    `${name}.local`,
  ]
}

/** As a URL has it. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
