import { type Context, Hono } from 'hono'
import { InputError } from '../../../platform/errors.js'
import { findSuppliers } from '../../../purchasing/catalog/find-suppliers.js'
import { getLimits, type LimitsView } from '../../../purchasing/limits/get-limits.js'
import { parseLimitSettings } from '../../../purchasing/limits/limit-settings.js'
import { applyLimits, findListLimits, setLimit } from '../../../purchasing/limits/list-limits.js'
import { findGlobalPause, pauseAllBuying } from '../../../purchasing/limits/pause.js'
import { findLists, type ListView, pickList, requireList } from '../../../stock/lists.js'
import { act, actOrReturn, type Done } from '../act.js'
import { readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { withQuery } from '../parts.js'
import { limitValues, readLimits } from './limits-form.js'
import { Limits } from './limits-page.js'

const here = '/limits'

export function limitPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()

  const showLimits = async (
    c: Context,
    listId: string | undefined,
    values: Readonly<Record<string, string>> | null,
    problem: string | null,
  ) => {
    const lists = await findLists(ctx)
    if (lists.length === 0) return c.redirect('/start')
    const list = pickList(lists, listId || lists[0]?.id)
    const [stored, pause, suppliers] = await Promise.all([
      findListLimits(ctx, list.id),
      findGlobalPause(ctx),
      findSuppliers(ctx),
    ])
    const children = (
      <Limits
        lists={lists}
        list={list}
        view={stored === null ? unlimited(list) : await getLimits(ctx, { list: list.id })}
        settings={stored?.settings ?? {}}
        isListPaused={stored?.isPaused ?? false}
        pause={pause}
        suppliers={suppliers}
        values={values}
        problem={problem}
      />
    )
    return show(parts, c, { title: `Limits of ${list.name}`, here, children }, problem === null ? 200 : 422)
  }

  pages.get('/limits', (c) => showLimits(c, c.req.query('list'), null, null))
  pages.post('/limits', async (c) => {
    const form = await readForm(c)
    const listId = form.text('list')
    const save = async (): Promise<Done> => {
      const list = await requireList(ctx, listId)
      if ((await findListLimits(ctx, list.id))?.source === 'file') {
        throw new InputError('These limits come from the configuration file; change them there.')
      }
      const limits = parseLimitSettings(readLimits(form), list.id, list.currency)
      const { id, currency, timeZone } = list
      await applyLimits(ctx, { list: id, currency, timeZone, limits, source: 'person' })
      return { said: 'The limits are saved and hold from now on.', goTo: withQuery(here, { list: id }) }
    }
    return actOrReturn(c, { action: 'setLimits', subject: listId, back: here }, save, (problem) =>
      showLimits(c, listId, limitValues(form), problem),
    )
  })

  pages.post('/limits/pause', async (c) => {
    const form = await readForm(c)
    const isPaused = form.isChecked('paused')
    const asked = form.text('list')
    const action = isPaused ? 'pauseBuying' : 'resumeBuying'
    return act(c, { action, subject: asked, back: withQuery(here, { list: asked }) }, async () => {
      const { id, currency, timeZone, name } = await requireList(ctx, asked)
      await setLimit(ctx, { list: id, currency, timeZone, kind: 'paused', value: isPaused })
      return {
        said: isPaused
          ? `Buying for ${name} is paused: nothing is ordered, approved or sent.`
          : `Buying for ${name} goes on.`,
      }
    })
  })

  pages.post('/limits/pause-all', async (c) => {
    const form = await readForm(c)
    const isPaused = form.isChecked('paused')
    const action = isPaused ? 'pauseAllBuying' : 'resumeAllBuying'
    return act(c, { action, subject: null, back: here }, async (by) => {
      await pauseAllBuying(ctx, { paused: isPaused, by })
      return {
        said: isPaused ? 'Buying is paused for every list.' : 'Buying goes on, but for lists paused themselves.',
      }
    })
  })
  return pages
}

/** Of a list that nobody has set or placed anything for. */
function unlimited({ id, currency }: ListView): LimitsView {
  return { list: id, currency, paused: false, pausedForAllSince: null, source: 'person', limits: [] }
}
