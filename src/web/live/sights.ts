/** What pages that are followed would show differently: the same sight, the same page. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'

export interface Sight {
  /** Differs when the page would. */
  readonly seen: string
  /** It stays like that. */
  readonly isOver: boolean
}

/** Read before the page is, a sight tells the stream what the page may have missed. */
export interface Sights {
  overview(): Promise<Sight>
  runs(): Promise<Sight>
  run(id: string): Promise<Sight>
}

export function createSights(ctx: DomainContext): Sights {
  return {
    overview: async () => toSight(`${await textOfRuns(ctx)} ${await textOfStock(ctx)}`),
    runs: async () => toSight(await textOfRuns(ctx)),
    run: (id) => sightOfRun(ctx, id),
  }
}

/** Where a page follows what it shows, from what it has seen on. */
export function livePath(path: string, { seen }: Sight): string {
  return `/events/${path}?seen=${seen}`
}

function toSight(text: string, isOver = false): Sight {
  return { seen: createHash('sha256').update(text).digest('base64url').slice(0, 22), isOver }
}

async function sightOfRun(ctx: DomainContext, id: string): Promise<Sight> {
  const { rows } = await sql<{ status: string; text: string }>`
    select run.status, concat_ws(' ', run.status, run.epoch, run.snapshot is not null,
      (select concat_ws(' ', count(*), count(step.response)) from restock.run_steps step where step.run_id = run.id),
      (select string_agg(placed.status, ' ' order by placed.id) from purchasing.orders placed where placed.run_id = run.id)) as text
    from restock.runs run where run.id = ${id}`.execute(ctx.db)
  const [row] = rows
  if (row === undefined) return toSight('gone', true)
  return toSight(row.text, row.status !== 'pending' && row.status !== 'running')
}

/** Unfinished runs and the newest one: whatever ends or begins changes one of the two. */
async function textOfRuns(ctx: DomainContext): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    select concat_ws(' ',
      (select string_agg(concat(id, status, epoch), ' ' order by id) from restock.runs where status in ('pending', 'running')),
      (select concat(id, status) from restock.runs order by created_at desc limit 1)) as text`.execute(ctx.db)
  return rows[0]?.text ?? ''
}

/** What the overview counts besides runs: everything told to the list, and what waits for a person. */
async function textOfStock(ctx: DomainContext): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    select concat_ws(' ',
      (select max(id) from stock.movements),
      (select max(seq) from purchasing.events),
      (select count(*) from purchasing.orders where status = 'awaiting_approval')) as text`.execute(ctx.db)
  return rows[0]?.text ?? ''
}
