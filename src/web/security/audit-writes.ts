import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { recordAudit } from '../../access/audit.js'
import type { DomainContext } from '../../platform/context.js'
import { codeOf } from '../../platform/errors.js'
import { type AuditNote, principalOf } from './principal-of.js'
import { reads } from './refuse-cross-site-writes.js'
import { isUnder } from './security-headers.js'

/**
 * Notes every write that pages and the queue dashboard make: who, what, on what, and what became of it. Without `noteAudit` it
 * is known by its method and path. The API notes its own, in the transaction that makes them.
 */
export function auditWrites(ctx: DomainContext): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    if (reads.has(c.req.method) || isUnder(c.req.path, '/api')) return next()
    await next()
    if (c.get('isAudited') === true) return
    const note: AuditNote | undefined = c.get('auditNote')
    const refusal: string | undefined = c.get('auditRefusal')
    const { status } = c.res
    await recordAudit(ctx, {
      actor: principalOf(c),
      action: note?.action ?? `${c.req.method} ${c.req.path}`,
      subject: note?.subject ?? null,
      result: status >= 500 ? 'failed' : status >= 400 || refusal !== undefined ? 'refused' : 'done',
      status,
      details: { ...note?.details, ...(refusal === undefined ? {} : { code: refusal }) },
    }).catch((error: unknown) => ctx.log.error({ err: error, path: c.req.path }, 'the audit log could not be written'))
  })
}

/** Names a page's write in the audit log: `noteAudit(c, { action: 'countItem', subject: 'itm_…' })`. */
export function noteAudit(c: Context, note: AuditNote): void {
  c.set('auditNote', note)
}

/** For a write that was refused and answered with a redirect all the same: the page says why, the log that it wasn't done. */
export function noteRefusal(c: Context, error: unknown): void {
  c.set('auditRefusal', codeOf(error))
}

/** For a write that notes itself, in the transaction that makes it. */
export function skipAudit(c: Context): void {
  c.set('isAudited', true)
}
