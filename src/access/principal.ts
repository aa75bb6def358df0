import type { Scope } from './scopes.js'
import type { AuditTable } from './tables.js'

/** Who asks for something. `local`: somebody at this machine, where no login is needed. */
export interface Principal {
  readonly kind: AuditTable['actor_kind']
  /** Id of the token, public id of the session, or the name of the person. No secret. */
  readonly id: string
  /** For people to read. */
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** Everybody at the keyboard of the machine that serves itself alone. */
export const localPrincipal: Principal = { kind: 'local', id: 'local', name: 'local', scopes: ['admin'] }

/** How orders and stock movements name who made a change. */
export function actorOfPrincipal({ kind, name }: Pick<Principal, 'kind' | 'name'>): string {
  if (kind === 'token') return `token:${name}`
  return kind === 'cli' ? name : 'web'
}
