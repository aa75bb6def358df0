import { Hono } from 'hono'
import { InputError } from '../../../platform/errors.js'
import { createRun } from '../../../runs/create-run.js'
import { getRun } from '../../../runs/find-runs.js'
import { enqueueRun } from '../../../schedules/sweep-runs.js'
import { findLists, requireList } from '../../../stock/lists.js'
import { livePath } from '../../live/sights.js'
import { act, type Done } from '../act.js'
import { readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { readAfter } from '../paging.js'
import { Replay } from './replay-page.js'
import { findOrderStatuses, findRunPage } from './run-list-queries.js'
import { RunView } from './run-page.js'
import { readRun } from './run-queries.js'
import { Runs, runStatuses } from './runs-page.js'

const here = '/runs'

export function runPages(parts: PageParts): Hono {
  const { ctx, queue, sights } = parts
  const pages = new Hono()

  pages.get('/runs', async (c) => {
    const sight = await sights.runs()
    const asked = c.req.query('list')
    const list = asked === undefined || asked === '' ? null : (await requireList(ctx, asked)).id
    const status = runStatuses.find((each) => each === c.req.query('status')) ?? null
    const choice = { list, status, schedule: c.req.query('schedule') || null, after: readAfter(c) }
    const [found, lists] = await Promise.all([findRunPage(ctx, choice), findLists(ctx)])
    const orderStatuses = await findOrderStatuses(ctx, found.runs)
    const isAtWork = found.runs.some((run) => run.status === 'pending' || run.status === 'running')
    return show(parts, c, {
      title: list === null ? 'Runs' : `Runs of ${list}`,
      here,
      refreshSeconds: isAtWork ? 10 : undefined,
      children: (
        <Runs
          live={livePath('runs', sight)}
          found={found}
          lists={lists}
          choice={choice}
          orderStatuses={orderStatuses}
        />
      ),
    })
  })

  pages.get('/runs/:id', async (c) => {
    const sight = await sights.run(c.req.param('id'))
    const facts = await readRun(ctx, c.req.param('id'))
    const isAtWork = facts.run.status === 'pending' || facts.run.status === 'running'
    return show(parts, c, {
      title: `Run of ${facts.run.list}`,
      here,
      refreshSeconds: isAtWork ? 5 : undefined,
      children: (
        <RunView live={isAtWork ? livePath(`runs/${encodeURIComponent(facts.run.id)}`, sight) : null} facts={facts} />
      ),
    })
  })

  pages.get('/runs/:id/replay', async (c) => {
    const facts = await readRun(ctx, c.req.param('id'))
    const at = Number(c.req.query('step') ?? 1)
    const children = <Replay facts={facts} at={Number.isInteger(at) ? at : 1} />
    return show(parts, c, { title: `Replay of a run of ${facts.run.list}`, here, children })
  })

  const start = async (run: { list: string; instructions: string | null; dryRun: boolean }): Promise<Done> => {
    if ((run.instructions?.length ?? 0) > 2_000) throw new InputError('Instructions: at most 2000 characters.')
    const created = await createRun(ctx, run)
    await enqueueRun(queue, created)
    return { said: 'The run is queued.', goTo: `/runs/${created.id}` }
  }
  pages.post('/runs', async (c) => {
    const form = await readForm(c)
    const list = form.text('list')
    return act(c, { action: 'startRun', subject: list, back: here }, async () => {
      const { id } = await requireList(ctx, list)
      return start({ list: id, instructions: form.optional('instructions'), dryRun: form.isChecked('dry') })
    })
  })
  pages.post('/runs/:id/again', async (c) => {
    const id = c.req.param('id')
    return act(c, { action: 'startRun', subject: id, back: `/runs/${encodeURIComponent(id)}` }, async () => {
      const { list, instructions, dryRun } = await getRun(ctx, id)
      await requireList(ctx, list)
      return start({ list, instructions, dryRun })
    })
  })
  return pages
}
