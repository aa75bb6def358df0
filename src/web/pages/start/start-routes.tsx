import { type Context, Hono } from 'hono'
import { findLists } from '../../../stock/lists.js'
import { act, actOrReturn, type Done } from '../act.js'
import { type FormFields, readForm } from '../form-fields.js'
import { examplePath, readExampleFile } from '../imports/example-files.js'
import { type PageParts, show } from '../page-parts.js'
import { counted } from '../parts.js'
import { type CsvUpload, exampleList, idFromName, setUpList } from './set-up-list.js'
import { Start, type StartValues } from './start-page.js'

const fields = ['name', 'id', 'currency', 'timeZone', 'perOrder', 'perMonth', 'approveAbove', 'daily'] as const

export function startPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()

  const showStart = async (c: Context, values: StartValues, problem: string | null) => {
    const isFirst = (await findLists(ctx)).length === 0
    const children = <Start values={values} problem={problem} isFirst={isFirst} />
    return show(
      parts,
      c,
      { title: isFirst ? 'Welcome' : 'Add a list', here: '/', children },
      problem === null ? 200 : 422,
    )
  }

  pages.get('/start', (c) => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
    const limits = { perOrder: '500', perMonth: '2000', approveAbove: '200' }
    return showStart(c, { currency: 'EUR', timeZone, daily: 'yes', ...limits }, null)
  })

  pages.post('/start', async (c) => {
    const form = await readForm(c)
    const values = Object.fromEntries(fields.map((name) => [name, form.text(name)]))
    const id = form.optional('id') ?? idFromName(form.text('name'))
    const setUp = async (actor: string): Promise<Done> => {
      const amount = (name: string) => form.optional(name)?.replace(',', '.')
      const limits = {
        per_order: amount('perOrder'),
        per_month: amount('perMonth'),
        approve_above: amount('approveAbove'),
      }
      const { items } = await setUpList(
        ctx,
        {
          id,
          name: form.text('name'),
          currency: form.text('currency').toUpperCase(),
          timeZone: form.text('timeZone'),
          limits,
          suppliers: await upload(form, 'suppliers'),
          catalog: await upload(form, 'catalog'),
          items: await upload(form, 'items'),
          cron: form.isChecked('daily') ? '0 6 * * *' : null,
        },
        actor,
      )
      return { said: `“${form.text('name')}” is set up with ${counted(items, 'item')}.`, goTo: '/' }
    }
    return actOrReturn(c, { action: 'setUpList', subject: id, back: '/start' }, setUp, (problem) =>
      showStart(c, values, problem),
    )
  })

  for (const kind of ['items', 'suppliers', 'catalog'] as const) {
    pages.get(examplePath(kind), async (c) =>
      c.body(await readExampleFile(kind), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${kind}.csv"`,
      }),
    )
  }

  pages.post('/start/example', (c) =>
    act(c, { action: 'setUpList', subject: 'example', back: '/start' }, async (actor) => {
      const example = await exampleList()
      const { items } = await setUpList(ctx, example, actor)
      return { said: `The example café is set up with ${counted(items, 'item')}.`, goTo: '/' }
    }),
  )
  return pages
}

async function upload(form: FormFields, name: string): Promise<CsvUpload | null> {
  const file = form.file(name)
  if (file === null) return null
  return { bytes: new Uint8Array(await file.arrayBuffer()), fileName: file.name.slice(0, 200) }
}
