import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import type { Principal } from './principal.js'

const minuteMs = 60_000
const dayMs = 86_400_000
/** Without being used. */
export const sessionIdleMs = 7 * dayMs
/** However much it is used. */
export const sessionMaxMs = 30 * dayMs

/**
 * Opens a session for somebody who knew the password. Its id is made here and told only in the answer, and what the browser
 * held before ends: an id that somebody planted there never becomes one that is logged in.
 */
export async function openSession(
  ctx: DomainContext,
  input: { readonly password: string; readonly address: string; readonly before: string | undefined },
): Promise<{ readonly id: string; readonly publicId: string }> {
  const id = randomBytes(32).toString('base64url')
  const publicId = ctx.newId('ses')
  const now = ctx.clock.now()
  await inTransaction(ctx, async (tx) => {
    await forgetEndedSessions(tx)
    if (input.before !== undefined) await closeSession(tx, input.before)
    await tx.db
      .insertInto('restock.sessions')
      .values({
        id_hash: hashOf(id),
        public_id: publicId,
        password_tag: passwordTag(ctx, input.password),
        address: input.address,
        created_at: now,
        seen_at: now,
        expires_at: new Date(now.getTime() + sessionMaxMs),
      })
      .execute()
  })
  return { id, publicId }
}

/** Whose session it is; null: it is over, was never one, or was opened with another password. */
export async function principalOfSession(ctx: DomainContext, id: string, password: string): Promise<Principal | null> {
  const row = await findOpenSession(ctx, id, password)
  if (row === undefined) return null
  const now = ctx.clock.now()
  if (now.getTime() - row.seen_at.getTime() >= minuteMs) {
    await ctx.db.updateTable('restock.sessions').set({ seen_at: now }).where('id_hash', '=', hashOf(id)).execute()
  }
  return { kind: 'session', id: row.public_id, name: row.public_id, scopes: ['admin'] }
}

/** Whether it is still good, for what goes on without anybody asking: that is no use of it, which would keep it alive. */
export async function isSessionOpen(ctx: DomainContext, id: string, password: string): Promise<boolean> {
  return (await findOpenSession(ctx, id, password)) !== undefined
}

async function findOpenSession(ctx: DomainContext, id: string, password: string) {
  const now = ctx.clock.now()
  return ctx.db
    .selectFrom('restock.sessions')
    .select(['public_id', 'seen_at'])
    .where('id_hash', '=', hashOf(id))
    .where('password_tag', '=', passwordTag(ctx, password))
    .where('expires_at', '>', now)
    .where('seen_at', '>', new Date(now.getTime() - sessionIdleMs))
    .executeTakeFirst()
}

/** Ends what was opened with any other password, so that none of it is good again should that one come back. */
export async function closeSessionsOfOtherPasswords(ctx: DomainContext, password: string): Promise<void> {
  await ctx.db.deleteFrom('restock.sessions').where('password_tag', '<>', passwordTag(ctx, password)).execute()
}

/** Forgets sessions that nobody can use any more. Returns how many. */
export async function forgetEndedSessions(ctx: DomainContext): Promise<number> {
  const now = ctx.clock.now()
  const { numDeletedRows } = await ctx.db
    .deleteFrom('restock.sessions')
    .where((where) =>
      where.or([where('expires_at', '<=', now), where('seen_at', '<=', new Date(now.getTime() - sessionIdleMs))]),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export async function closeSession(ctx: DomainContext, id: string): Promise<void> {
  await ctx.db.deleteFrom('restock.sessions').where('id_hash', '=', hashOf(id)).execute()
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}

/** Differs with the password and with the installation; the password can't be found from it without the secret. */
function passwordTag(ctx: DomainContext, password: string): string {
  return createHmac('sha256', ctx.secret).update(`session password\n${password}`).digest('hex')
}
