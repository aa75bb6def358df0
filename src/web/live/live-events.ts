import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'

/** Far more than the open pages of one installation; whoever opens more has to load them again by hand. */
const maxStreams = 200
const pollMs = 700
/** So that proxies don't take a quiet stream for a dead one. */
const signOfLifeMs = 15_000

/** What a page that is followed would show differently: the same text, the same page. `isOver`: it stays like that. */
interface Sight {
  readonly text: string
  readonly isOver: boolean
}

/**
 * Tells open pages that what they show has changed; they then ask for it as they did the first time. One look at the
 * database serves all who follow the same thing.
 */
export function createLiveEvents(ctx: DomainContext): Hono {
  const events = new Hono()
  let streams = 0
  const looks = new Map<string, { readonly at: number; readonly sight: Promise<Sight> }>()
  const look = (name: string, work: () => Promise<Sight>): Promise<Sight> => {
    const known = looks.get(name)
    if (known !== undefined && performance.now() - known.at < pollMs * 0.9) return known.sight
    const sight = work()
    looks.set(name, { at: performance.now(), sight })
    // Kept only while somebody asks for it.
    if (looks.size > maxStreams) looks.delete(looks.keys().next().value ?? '')
    return sight
  }

  const follow = (c: Context, name: string, work: () => Promise<Sight>) => {
    if (streams >= maxStreams) return c.text('Too many pages are open.', 503, { 'Retry-After': '30' })
    c.header('Cache-Control', 'no-store')
    c.header('X-Accel-Buffering', 'no')
    streams += 1
    return streamSSE(
      c,
      async (stream) => {
        try {
          let last: string | null = null
          let quietMs = 0
          while (!stream.aborted && !stream.closed) {
            const { text, isOver } = await look(name, work)
            if (last !== null && text !== last) {
              await stream.writeSSE({ event: 'changed', data: '' })
              quietMs = 0
            }
            last = text
            if (isOver) {
              await stream.writeSSE({ event: 'ended', data: '' })
              return
            }
            if (quietMs === 0 || quietMs >= signOfLifeMs) await stream.write(': here\n\n')
            quietMs = quietMs >= signOfLifeMs ? pollMs : quietMs + pollMs
            await stream.sleep(pollMs)
          }
        } finally {
          streams -= 1
        }
      },
      async (error) => {
        ctx.log.warn({ err: error }, 'a page can’t be kept up to date any more')
      },
    )
  }

  events.get('/events/overview', (c) => follow(c, 'overview', () => sightOfAll(ctx)))
  events.get('/events/runs', (c) => follow(c, 'runs', () => sightOfRuns(ctx)))
  events.get('/events/runs/:id', (c) => {
    const id = c.req.param('id')
    return follow(c, `run ${id}`, () => sightOfRun(ctx, id))
  })
  return events
}

async function sightOfRun(ctx: DomainContext, id: string): Promise<Sight> {
  const { rows } = await sql<{ status: string; text: string }>`
    select run.status, concat_ws(' ', run.status, run.epoch, run.snapshot is not null,
      (select concat_ws(' ', count(*), count(step.response)) from restock.run_steps step where step.run_id = run.id),
      (select string_agg(placed.status, ' ' order by placed.id) from purchasing.orders placed where placed.run_id = run.id)) as text
    from restock.runs run where run.id = ${id}`.execute(ctx.db)
  const [row] = rows
  if (row === undefined) return { text: 'gone', isOver: true }
  return { text: row.text, isOver: row.status !== 'pending' && row.status !== 'running' }
}

/** Unfinished runs and the newest one: whatever ends or begins changes one of the two. */
async function sightOfRuns(ctx: DomainContext): Promise<Sight> {
  const { rows } = await sql<{ text: string }>`
    select concat_ws(' ',
      (select string_agg(concat(id, status, epoch), ' ' order by id) from restock.runs where status in ('pending', 'running')),
      (select concat(id, status) from restock.runs order by created_at desc limit 1)) as text`.execute(ctx.db)
  return { text: rows[0]?.text ?? '', isOver: false }
}

/** What the overview counts: runs, everything told to the list, and what waits for a person. */
async function sightOfAll(ctx: DomainContext): Promise<Sight> {
  const runs = await sightOfRuns(ctx)
  const { rows } = await sql<{ text: string }>`
    select concat_ws(' ',
      (select max(id) from stock.movements),
      (select max(seq) from purchasing.events),
      (select count(*) from purchasing.orders where status = 'awaiting_approval')) as text`.execute(ctx.db)
  return { text: `${runs.text} ${rows[0]?.text ?? ''}`, isOver: false }
}
