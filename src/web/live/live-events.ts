import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Logger } from '../../platform/context.js'
import { isStillIn, principalOf } from '../security/principal-of.js'
import type { Sight, Sights } from './sights.js'

/** Far more than the open pages of one installation; whoever opens more has to load them again by hand. */
const maxStreams = 200
const pollMs = 700
/** So that proxies don't take a quiet stream for a dead one. */
const signOfLifeMs = 15_000

/**
 * Tells open pages that what they show has changed; they then ask for it as they did the first time. One look at the
 * database serves all who follow the same thing. A stream ends with what let its page in.
 */
export function createLiveEvents(sights: Sights, log: Logger): Hono {
  const events = new Hono()
  let streams = 0
  const look = createLooks<Sight>()
  const lookIn = createLooks<boolean>()

  const follow = (c: Context, name: string, work: () => Promise<Sight>) => {
    // Nobody reads what would follow, so nobody would end it either.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })
    if (streams >= maxStreams) return c.text('Too many pages are open.', 503, { 'Retry-After': '30' })
    c.header('Cache-Control', 'no-store')
    c.header('X-Accel-Buffering', 'no')
    streams += 1
    let shown = c.req.query('seen') ?? null
    const { kind, id } = principalOf(c)
    return streamSSE(
      c,
      async (stream) => {
        let quietMs = signOfLifeMs
        try {
          while (!stream.aborted && !stream.closed) {
            if (!(await lookIn(`${kind} ${id}`, () => isStillIn(c)))) {
              await stream.writeSSE({ event: 'left', data: '' })
              return
            }
            const { seen, isOver } = await look(name, work)
            if (shown !== null && seen !== shown) await stream.writeSSE({ event: 'changed', data: '' })
            shown = seen
            if (isOver) {
              await stream.writeSSE({ event: 'ended', data: '' })
              return
            }
            if (quietMs >= signOfLifeMs) {
              await stream.write(': here\n\n')
              quietMs = 0
            }
            await stream.sleep(pollMs)
            quietMs += pollMs
          }
        } finally {
          streams -= 1
        }
      },
      async (error) => log.warn({ err: error }, 'a page can’t be kept up to date any more'),
    )
  }

  events.get('/events/overview', (c) => follow(c, 'overview', sights.overview))
  events.get('/events/runs', (c) => follow(c, 'runs', sights.runs))
  events.get('/events/runs/:id', (c) => {
    const id = c.req.param('id')
    return follow(c, `run ${id}`, () => sights.run(id))
  })
  return events
}

/** Asks for the same thing once for all who want to know it at about the same time. */
function createLooks<T>(): (name: string, work: () => Promise<T>) => Promise<T> {
  const looks = new Map<string, { readonly at: number; readonly seen: Promise<T> }>()
  return (name, work) => {
    const known = looks.get(name)
    if (known !== undefined && performance.now() - known.at < pollMs * 0.9) return known.seen
    const seen = work()
    looks.delete(name)
    looks.set(name, { at: performance.now(), seen })
    const [oldest] = looks.keys()
    if (looks.size > maxStreams && oldest !== undefined) looks.delete(oldest)
    return seen
  }
}
