import type { Context } from 'hono'
import type { Principal } from '../../access/principal.js'

/** What a page's write calls itself in the audit log. */
export interface AuditNote {
  readonly action: string
  readonly subject: string | null
  readonly details?: Readonly<Record<string, unknown>>
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks; set by `requireLogin` for everything behind it. */
    principal: Principal
    /** Whether they would be let in again now; set with the principal. */
    isStillIn: () => Promise<boolean>
    /** See `noteAudit` and `noteRefusal`. */
    auditNote: AuditNote
    auditRefusal: string
    /** What was done is noted already, in the transaction that did it. */
    isAudited: boolean
  }
}

/** Who asks. Only behind `requireLogin`. */
export function principalOf(c: Context): Principal {
  return c.get('principal')
}

/** Asks again whether they may be here: what they came by may have ended since. Only behind `requireLogin`. */
export function isStillIn(c: Context): Promise<boolean> {
  return c.get('isStillIn')()
}
