import { hostname, networkInterfaces } from 'node:os'

/**
 * The names under which the dashboard may be asked for, besides loopback. One that listens on all addresses is asked for
 * by each of them and by the machine's own name; a name that somebody else's page chose is not among these.
 */
export function servedHosts(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::' && host !== '[::]') return [host.toLowerCase(), bracketed(host)]
  const addresses = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
  const name = hostname().toLowerCase()
  return [...addresses.map((address) => bracketed(address.split('%')[0] ?? address)), name, `${name}.local`]
}

/** As a URL has it. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
