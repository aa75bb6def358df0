import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { sqlState } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import type { Run } from './run.js'
import { toRun } from './run-row.js'

export interface Claim {
  readonly runId: string
  readonly workerId: string
  readonly leaseMs: number
}

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly run: Run }
  /** Done before: the job that asked has nothing left to do. */
  | { readonly kind: 'finished'; readonly run: Run }
  /** Somebody else works on this run, or on another run of its list, and is believed until then. */
  | { readonly kind: 'held'; readonly until: Date }

/** After so many attempts a run is only wound up: its orders are looked up and every item gets a decision. */
export const maxEpochs = 10

// Leases are measured by the database's clock alone: the clocks of several machines never need to agree.
const leaseEnd = (leaseMs: number) => sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`

/**
 * The one atomic step that makes a run ours: a pending run, or one whose worker let its lease expire.
 * Each claim raises the epoch; whatever an earlier claimant still does under its epoch is refused by both servers.
 * Throws InputError when there is no such run.
 */
export async function claimRun(ctx: DomainContext, claim: Claim): Promise<ClaimAnswer> {
  try {
    const row = await ctx.db
      .updateTable('restock.runs')
      .set((eb) => ({
        status: 'running',
        epoch: eb('epoch', '+', 1),
        claimed_by: claim.workerId,
        lease_until: leaseEnd(claim.leaseMs),
        started_at: eb.fn.coalesce('started_at', eb.val(ctx.clock.now())),
      }))
      .where('id', '=', claim.runId)
      .where((eb) =>
        eb.or([
          eb('status', '=', 'pending'),
          eb.and([eb('status', '=', 'running'), eb('lease_until', '<=', sql<Date>`clock_timestamp()`)]),
        ]),
      )
      .returningAll()
      .executeTakeFirst()
    if (row !== undefined) return { kind: 'claimed', run: toRun(row) }
  } catch (error) {
    // Another run of the same list is at work: the partial unique index refused a second one.
    if (sqlState(error) !== '23505') throw error
  }
  return whyNot(ctx, claim.runId)
}

async function whyNot(ctx: DomainContext, runId: string): Promise<ClaimAnswer> {
  const row = await ctx.db.selectFrom('restock.runs').selectAll().where('id', '=', runId).executeTakeFirst()
  if (row === undefined) throw new InputError(`There is no run "${runId}".`, 'run_not_found')
  if (row.status !== 'pending' && row.status !== 'running') return { kind: 'finished', run: toRun(row) }
  const holder = await ctx.db
    .selectFrom('restock.runs')
    .select(sql<number>`greatest(0, extract(epoch from lease_until - clock_timestamp()) * 1000)`.as('left_ms'))
    .where('list', '=', row.list)
    .where('status', '=', 'running')
    .executeTakeFirst()
  // The holder may finish long before its lease does; looking again soon costs one small query.
  const waitMs = Math.min(Number(holder?.left_ms ?? 0) + 100, 5_000)
  return { kind: 'held', until: new Date(Date.now() + waitMs) }
}

/** Lengthens the lease of a claim. False: the claim is no longer ours and work must stop. */
export async function renewLease(
  ctx: DomainContext,
  held: { runId: string; epoch: number; leaseMs: number },
): Promise<boolean> {
  const result = await ctx.db
    .updateTable('restock.runs')
    .set({ lease_until: leaseEnd(held.leaseMs) })
    .where('id', '=', held.runId)
    .where('epoch', '=', held.epoch)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/**
 * Gives a claimed run back untouched, so that the next attempt need not wait for the lease to end. False: it wasn't ours any
 * more.
 */
export async function releaseRun(ctx: DomainContext, held: { runId: string; epoch: number }): Promise<boolean> {
  const result = await ctx.db
    .updateTable('restock.runs')
    .set({ lease_until: sql<Date>`clock_timestamp()` })
    .where('id', '=', held.runId)
    .where('epoch', '=', held.epoch)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
