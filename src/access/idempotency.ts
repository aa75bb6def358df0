/**
 * Doing a write once, however often it is asked for under one key. A key belongs to whoever uses it and is kept for a day with
 * what was answered. A write that failed is not kept: it had no effect, and asking again under the same key is what keys are for.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction, sqlState } from '../platform/database.js'
import { RefusalError } from '../platform/errors.js'

export interface KeyedRequest {
  readonly principal: string
  readonly key: string
  /** The same for the same request alone. */
  readonly fingerprint: string
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface OnceAnswer extends Answer {
  /** It was made earlier, and this is what was answered then. */
  readonly isReplay: boolean
}

export const keyLifeMs = 24 * 60 * 60 * 1_000
/** How long a request waits for the same one that is under way, before it is told so. */
const waitMs = 10_000
/** What is made in transactions of its own and has not been answered by then is given up; it may be made again. */
const claimMs = 120_000

/** Effect, key and answer are one transaction: either all of them are there or none. The same request meanwhile waits. */
export async function doOnce(
  ctx: DomainContext,
  request: KeyedRequest,
  work: (tx: DomainContext) => Promise<Answer>,
): Promise<OnceAnswer> {
  return inTransaction(ctx, async (tx) => {
    await forget(tx, request)
    // Waits while the same key is being used, and goes on as soon as that has ended either way.
    await sql`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`.execute(tx.db)
    const inserted = await tx.db
      .insertInto('restock.idempotency_keys')
      .values({ ...request, claimed_until: null, status: null, body: null, created_at: tx.clock.now() })
      .onConflict((conflict) => conflict.columns(['principal', 'key']).doNothing())
      .returning('key')
      .executeTakeFirst()
      .catch((error: unknown) => {
        throw sqlState(error) === '55P03' ? underWay() : error
      })
    await sql`select set_config('lock_timeout', '0', true)`.execute(tx.db)
    if (inserted === undefined) {
      const earlier = await findAnswer(tx, request)
      if (earlier === null) throw underWay()
      return earlier
    }
    const answer = await work(tx)
    await keepAnswer(tx, request, answer)
    return { ...answer, isReplay: false }
  })
}

/**
 * The same for work that makes transactions of its own: the key is claimed first and answered afterwards. A process that dies in
 * between leaves the claim, which lapses: only for work that is refused, and not done, when it has been done already.
 */
export async function doOnceAlone(
  ctx: DomainContext,
  request: KeyedRequest,
  work: (ctx: DomainContext) => Promise<Answer>,
): Promise<OnceAnswer> {
  const deadline = performance.now() + waitMs
  while (!(await claim(ctx, request))) {
    const earlier = await findAnswer(ctx, request)
    if (earlier !== null) return earlier
    if (performance.now() > deadline) throw underWay()
    await sleep(50)
  }
  try {
    const answer = await work(ctx)
    await keepAnswer(ctx, request, answer)
    return { ...answer, isReplay: false }
  } catch (error) {
    await ofRequest(ctx.db.deleteFrom('restock.idempotency_keys'), request)
      .execute()
      .catch(() => undefined)
    throw error
  }
}

/** Forgets all keys that are older than a day. Returns how many. */
export async function forgetOldKeys(ctx: DomainContext): Promise<number> {
  const { numDeletedRows } = await ctx.db
    .deleteFrom('restock.idempotency_keys')
    .where('created_at', '<', oldest(ctx))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

function oldest(ctx: DomainContext): Date {
  return new Date(ctx.clock.now().getTime() - keyLifeMs)
}

async function forget(ctx: DomainContext, request: KeyedRequest): Promise<void> {
  await ofRequest(ctx.db.deleteFrom('restock.idempotency_keys'), request)
    .where('created_at', '<', oldest(ctx))
    .execute()
}

/** True: it is ours to do. */
async function claim(ctx: DomainContext, request: KeyedRequest): Promise<boolean> {
  const now = ctx.clock.now()
  await forget(ctx, request)
  const claimed_until = new Date(now.getTime() + claimMs)
  const claimed = await ctx.db
    .insertInto('restock.idempotency_keys')
    .values({ ...request, claimed_until, status: null, body: null, created_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['principal', 'key'])
        .doUpdateSet({ claimed_until })
        .where('restock.idempotency_keys.claimed_until', '<=', now)
        .where('restock.idempotency_keys.fingerprint', '=', request.fingerprint),
    )
    .returning('key')
    .executeTakeFirst()
  return claimed !== undefined
}

/** What was answered; null: nothing yet. Throws RefusalError where the key stands for another request. */
async function findAnswer(ctx: DomainContext, request: KeyedRequest): Promise<OnceAnswer | null> {
  const row = await ctx.db
    .selectFrom('restock.idempotency_keys')
    .select(['fingerprint', 'status', 'body'])
    .where('principal', '=', request.principal)
    .where('key', '=', request.key)
    .executeTakeFirst()
  if (row === undefined) return null
  if (row.fingerprint !== request.fingerprint) {
    throw new RefusalError({
      code: 'idempotency_key_reused',
      severity: 'final',
      text: 'This Idempotency-Key was used for another request already; take a new one for each request.',
    })
  }
  return row.status === null ? null : { status: row.status, body: row.body, isReplay: true }
}

async function keepAnswer(ctx: DomainContext, request: KeyedRequest, { status, body }: Answer): Promise<void> {
  await ctx.db
    .updateTable('restock.idempotency_keys')
    .set({ claimed_until: null, status, body: JSON.stringify(body) })
    .where('principal', '=', request.principal)
    .where('key', '=', request.key)
    .execute()
}

function ofRequest<Query extends { where(column: 'principal' | 'key', operator: '=', value: string): Query }>(
  query: Query,
  request: KeyedRequest,
): Query {
  return query.where('principal', '=', request.principal).where('key', '=', request.key)
}

function underWay(): RefusalError {
  return new RefusalError({
    code: 'idempotency_in_progress',
    severity: 'recoverable',
    text: 'The same request is still under way; ask again in a moment with the same Idempotency-Key.',
  })
}
