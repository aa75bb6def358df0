import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { storableText, toStoredJson } from '../platform/plain-text.js'
import type { Principal } from './principal.js'
import type { AuditTable } from './tables.js'

/** One thing that somebody did or tried to do. */
export interface AuditEntry {
  readonly actor: Pick<Principal, 'kind' | 'name'>
  /** What was asked for, such as `approveOrder` or `POST /queues/…`. */
  readonly action: string
  /** What it was asked for; null: nothing in particular. */
  readonly subject: string | null
  readonly result: AuditTable['result']
  readonly status?: number | null
  /** Small, and without secrets. */
  readonly details?: Readonly<Record<string, unknown>>
}

export interface PastAction {
  readonly id: number
  readonly at: Date
  readonly actorKind: AuditTable['actor_kind']
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly result: AuditTable['result']
  readonly status: number | null
  readonly details: unknown
}

const maxText = 300

/** Notes who did what. Inside a transaction it is noted if and only if what was done is done. */
export async function recordAudit(ctx: DomainContext, entry: AuditEntry): Promise<void> {
  const short = (text: string) => storableText(text).slice(0, maxText)
  await ctx.db
    .insertInto('restock.audit')
    .values({
      at: ctx.clock.now(),
      actor_kind: entry.actor.kind,
      actor: short(entry.actor.name),
      action: short(entry.action),
      subject: entry.subject === null ? null : short(entry.subject),
      result: entry.result,
      status: entry.status ?? null,
      details: toStoredJson(entry.details ?? {}),
    })
    .execute()
}

/** What a stranger does who guesses passwords and tokens: it could fill the log, and says nothing that lasts. */
const guesses = ['login', 'useToken'] as const

/**
 * Forgets what was noted before this, and refused guesses at passwords and tokens from before that, a few thousand at a time.
 * Returns how many.
 */
export async function pruneAudit(
  ctx: DomainContext,
  options: { readonly before: Date; readonly guessesBefore: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from restock.audit where id in (
      (select id from restock.audit where at < ${options.before} order by at limit ${options.limit})
      union all
      (
        select id from restock.audit
        where at < ${options.guessesBefore} and result = 'refused' and action = any(${[...guesses]})
        order by at
        limit ${options.limit}
      )
    )`.execute(ctx.db)
  return Number(numAffectedRows ?? 0n)
}

/** What was done, the newest first. */
export async function findAudit(
  ctx: DomainContext,
  filter: {
    readonly subject?: string | undefined
    readonly actor?: string | undefined
    readonly result?: AuditTable['result'] | undefined
    /** Only what was noted before this one. */
    readonly beforeId?: number | undefined
    readonly limit: number
  },
): Promise<PastAction[]> {
  let query = ctx.db.selectFrom('restock.audit').selectAll().orderBy('id', 'desc').limit(filter.limit)
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject)
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor)
  if (filter.result !== undefined) query = query.where('result', '=', filter.result)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  const rows = await query.execute()
  return rows.map(({ actor_kind, ...row }) => ({ ...row, actorKind: actor_kind }))
}
