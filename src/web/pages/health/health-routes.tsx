import { Hono } from 'hono'
import { act } from '../act.js'
import { type PageParts, show } from '../page-parts.js'
import { type CheckedHealth, Health } from './health-page.js'
import { readHealth } from './health-queries.js'

const here = '/health'

export function healthPages(parts: PageParts): Hono {
  const { ctx, queue, about } = parts
  const pages = new Hono()
  let checked: CheckedHealth | null = null
  let checking: Promise<CheckedHealth> | null = null

  pages.get('/health', async (c) => {
    const live = await readHealth(ctx, queue)
    const children = <Health live={live} checked={checked} mayCheck={about !== null} now={ctx.clock.now()} />
    return show(parts, c, { title: 'Health', here, children })
  })

  pages.post('/health/check', (c) =>
    act(c, { action: 'checkHealth', subject: null, back: here }, async () => {
      if (about === null) return { said: 'This process can’t check; use restock doctor.', tone: 'warn' }
      // One check serves all who ask meanwhile: it starts processes.
      checking ??= about
        .check()
        .then((checks) => ({ at: ctx.clock.now(), checks }))
        .finally(() => {
          checking = null
        })
      checked = await checking
      const problems = checked.checks.filter(({ isOk }) => !isOk).length
      return problems === 0
        ? { said: 'All is well.' }
        : { said: `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`, tone: 'bad' }
    }),
  )
  return pages
}
