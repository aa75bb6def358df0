import { type Context, Hono } from 'hono'
import { InputError } from '../../../platform/errors.js'
import {
  findSchedules,
  getSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
} from '../../../schedules/change-schedule.js'
import { runScheduleNow } from '../../../schedules/run-schedule-now.js'
import { addSchedule, changeSchedule } from '../../../schedules/save-schedule.js'
import { enqueueRun } from '../../../schedules/sweep-runs.js'
import { findLists, requireList } from '../../../stock/lists.js'
import { act, actOrReturn, type Done } from '../act.js'
import { Crumb } from '../crumb.js'
import { type FormFields, readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { findRunPage } from '../runs/run-list-queries.js'
import { previewCron } from './cron-words.js'
import { readValues, ScheduleForm, type ScheduleValues, toDefinition, valuesOfSchedule } from './schedule-form.js'
import { SchedulePage } from './schedule-page.js'
import { Schedules } from './schedules-page.js'
import { Preview } from './slot-list.js'

const here = '/schedules'

export function schedulePages(parts: PageParts): Hono {
  const { ctx, queue } = parts
  const pages = new Hono()

  pages.get('/schedules', async (c) => {
    const schedules = await findSchedules(ctx)
    const children = <Schedules schedules={schedules} now={ctx.clock.now()} />
    return show(parts, c, { title: 'Schedules', here, children })
  })

  pages.get('/schedules/preview', (c) => {
    const now = ctx.clock.now()
    const timeZone = (c.req.query('timeZone') ?? '').trim()
    const preview = previewCron((c.req.query('cron') ?? '').trim(), timeZone, now)
    return c.html(<Preview preview={preview} timeZone={timeZone} now={now} />)
  })

  const showForm = async (c: Context, values: ScheduleValues, isNew: boolean, problem: string | null) => {
    const now = ctx.clock.now()
    const title = isNew ? 'Make a schedule' : `Edit ${values.name}`
    const children = (
      <>
        <Crumb href="/schedules">Schedules</Crumb>
        <div class="head">
          <h1>{title}</h1>
        </div>
        <ScheduleForm
          action={isNew ? '/schedules/new' : `/schedules/${encodeURIComponent(values.name)}/edit`}
          values={values}
          lists={await findLists(ctx)}
          preview={previewCron(values.cron, values.timeZone, now)}
          problem={problem}
          isNew={isNew}
          now={now}
        />
      </>
    )
    return show(parts, c, { title, here, children }, problem === null ? 200 : 422)
  }

  pages.get('/schedules/new', async (c) => {
    const lists = await findLists(ctx)
    const asked = c.req.query('list')
    const list = lists.find(({ id }) => id === asked) ?? lists[0]
    if (list === undefined) return c.redirect('/start')
    const taken = new Set((await findSchedules(ctx)).map(({ name }) => name))
    const name = [`${list.id.slice(0, 34)}-daily`, ''].find((each) => !taken.has(each)) ?? ''
    const values = { name, list: list.id, cron: '0 6 * * *', timeZone: list.timeZone, instructions: '' }
    return showForm(c, { ...values, misfire: '', overlap: '', pauseAfter: '', jitter: '' }, true, null)
  })
  pages.post('/schedules/new', async (c) => {
    const form = await readForm(c)
    const values = readValues(form)
    if (form.text('only') === 'preview') return showForm(c, values, true, null)
    const add = async (): Promise<Done> => {
      const definition = toDefinition(values)
      const list = await requireList(ctx, definition.list)
      await addSchedule(ctx, { ...definition, list: list.id, isPaused: false })
      return { said: `The schedule “${values.name}” is on.`, goTo: `/schedules/${values.name}` }
    }
    return actOrReturn(c, { action: 'addSchedule', subject: values.name, back: here }, add, (problem) =>
      showForm(c, values, true, problem),
    )
  })

  pages.get('/schedules/:name', async (c) => {
    const schedule = await getSchedule(ctx, c.req.param('name'))
    const now = ctx.clock.now()
    const preview = previewCron(schedule.cron, schedule.timeZone, now)
    const choice = { list: null, status: null, schedule: schedule.name, after: null }
    const { runs } = await findRunPage(ctx, choice)
    const children = <SchedulePage schedule={schedule} preview={preview} runs={runs} now={now} />
    return show(parts, c, { title: schedule.name, here, children })
  })

  pages.get('/schedules/:name/edit', async (c) => {
    const schedule = await getSchedule(ctx, c.req.param('name'))
    if (schedule.source === 'file') return c.redirect(`/schedules/${encodeURIComponent(schedule.name)}`)
    return showForm(c, valuesOfSchedule(schedule), false, null)
  })
  pages.post('/schedules/:name/edit', async (c) => {
    const name = c.req.param('name')
    const form = await readForm(c)
    const values = { ...readValues(form), name }
    if (form.text('only') === 'preview') return showForm(c, values, false, null)
    const save = async (): Promise<Done> => {
      const { name: _name, ...changes } = toDefinition(values)
      await requireList(ctx, changes.list)
      await changeSchedule(ctx, name, changes)
      return { said: 'Saved.', goTo: `/schedules/${encodeURIComponent(name)}` }
    }
    return actOrReturn(c, { action: 'changeSchedule', subject: name, back: here }, save, (problem) =>
      showForm(c, values, false, problem),
    )
  })

  const change = (path: string, action: string, work: (name: string, form: FormFields) => Promise<Done>): void => {
    pages.post(`/schedules/:name/${path}`, async (c) => {
      const name = c.req.param('name') ?? ''
      const form = await readForm(c)
      return act(c, { action, subject: name, back: `/schedules/${encodeURIComponent(name)}` }, () => work(name, form))
    })
  }
  change('pause', 'pauseSchedule', async (name) => {
    await pauseSchedule(ctx, name)
    return { said: 'It is paused: nothing runs until it is resumed.' }
  })
  change('resume', 'resumeSchedule', async (name) => {
    await resumeSchedule(ctx, name)
    return { said: 'It goes on with its next slot.' }
  })
  change('remove', 'removeSchedule', async (name) => {
    await removeSchedule(ctx, name)
    return { said: `The schedule “${name}” is removed; its runs stay.`, goTo: here }
  })
  change('run', 'runSchedule', async (name, form) => {
    const { runId, isNew } = await runScheduleNow(ctx, { name, insteadOfNext: form.isChecked('instead') })
    if (!isNew) return { said: 'A run of it is at work already; this is that one.', goTo: `/runs/${runId}` }
    const run = await ctx.db.selectFrom('restock.runs').select('epoch').where('id', '=', runId).executeTakeFirst()
    if (run === undefined) throw new InputError('The run has gone.')
    await enqueueRun(queue, { id: runId, epoch: run.epoch })
    return { said: 'The run is queued.', goTo: `/runs/${runId}` }
  })
  return pages
}
