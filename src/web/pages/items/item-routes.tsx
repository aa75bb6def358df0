import { type Context, Hono } from 'hono'
import { InputError } from '../../../platform/errors.js'
import { requireProduct } from '../../../purchasing/catalog/require-product.js'
import { addItem } from '../../../stock/add-item.js'
import { confirmCount } from '../../../stock/confirm-count.js'
import { countStock, type StockChanged } from '../../../stock/count-stock.js'
import { exportItems } from '../../../stock/export-items.js'
import { findItem } from '../../../stock/find-item.js'
import { settingNames } from '../../../stock/item-settings.js'
import { confirmLink } from '../../../stock/link-product.js'
import { findLists, pickList, requireList } from '../../../stock/lists.js'
import { recordUse } from '../../../stock/record-use.js'
import { removeItem } from '../../../stock/remove-item.js'
import { requestItem } from '../../../stock/request-item.js'
import { snoozeItem, wakeItem } from '../../../stock/snooze-item.js'
import { undoMovement } from '../../../stock/undo-movement.js'
import { updateItem } from '../../../stock/update-item.js'
import { act, actOrReturn, type Done } from '../act.js'
import { type FormFields, readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { pageNumber } from '../paging.js'
import { EditItem, NewItem, RequestItem } from './edit-pages.js'
import { type ItemValues, readItemForm, valuesOf, valuesOfSettings } from './item-form.js'
import { Item } from './item-page.js'
import { readItem } from './item-queries.js'
import { Items } from './items-page.js'
import { findItemPage, type ItemChoice } from './items-queries.js'

const here = '/items'
const choices: readonly ItemChoice[] = ['all', 'due', 'odd', 'snoozed']

export function itemPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()

  pages.get('/items', async (c) => {
    const lists = await findLists(ctx)
    if (lists.length === 0) return c.redirect('/start')
    const list = pickList(lists, c.req.query('list') || lists[0]?.id)
    const chosen = choices.find((choice) => choice === c.req.query('show')) ?? 'all'
    const search = (c.req.query('q') ?? '').trim().slice(0, 200)
    const page = pageNumber(c)
    const found = await findItemPage(ctx, { list, show: chosen, search, page })
    const props = { lists, list, show: chosen, search, page, found }
    return show(parts, c, { title: `Items of ${list.name}`, here, children: <Items {...props} /> })
  })

  pages.get('/items/export.csv', async (c) => {
    const { id } = await requireList(ctx, c.req.query('list'))
    c.header('Content-Disposition', `attachment; filename="items-${id}.csv"`)
    return c.body(await exportItems(ctx, { list: id }), 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })

  const showNew = async (c: Context, values: ItemValues, problem: string | null, listId: string | undefined) => {
    const list = await requireList(ctx, listId)
    const children = <NewItem list={list} values={values} problem={problem} />
    return show(parts, c, { title: 'Add an item', here, children }, problem === null ? 200 : 422)
  }
  pages.get('/items/new', async (c) => showNew(c, {}, null, await listAsked(c)))
  pages.post('/items/new', async (c) => {
    const form = await readForm(c)
    const add = async (actor: string): Promise<Done> => {
      const onHand = form.number('onHand', 'On hand')
      const { itemId } = await addItem(ctx, { ...readItemForm(form), list: form.optional('list'), onHand, actor })
      return { said: `“${form.text('name')}” is on the list.`, goTo: `/items/${itemId}` }
    }
    return actOrReturn(c, { action: 'addItem', subject: null, back: here }, add, (problem) =>
      showNew(c, valuesOf(form), problem, form.optional('list') ?? undefined),
    )
  })

  const showRequest = async (c: Context, values: ItemValues, problem: string | null, listId: string | undefined) => {
    const list = await requireList(ctx, listId)
    const children = <RequestItem list={list} values={values} problem={problem} />
    return show(parts, c, { title: 'Request something once', here, children }, problem === null ? 200 : 422)
  }
  pages.get('/items/request', async (c) => showRequest(c, {}, null, await listAsked(c)))
  pages.post('/items/request', async (c) => {
    const form = await readForm(c)
    const request = async (actor: string): Promise<Done> => {
      const requested = await requestItem(ctx, {
        name: form.text('name'),
        quantity: requiredNumber(form, 'quantity', 'How much'),
        unit: form.text('unit'),
        neededBy: form.optional('neededBy'),
        notes: form.optional('notes'),
        list: form.optional('list'),
        actor,
      })
      const said = requested.isNew ? 'It is requested.' : 'It is requested already; it was not added again.'
      return { said, goTo: `/items/${requested.itemId}` }
    }
    return actOrReturn(c, { action: 'requestItem', subject: null, back: here }, request, (problem) =>
      showRequest(c, valuesOf(form), problem, form.optional('list') ?? undefined),
    )
  })

  pages.get('/items/:id', async (c) => {
    const search = (c.req.query('product') ?? '').trim()
    const facts = await readItem(ctx, c.req.param('id'), search)
    const children = <Item facts={facts} search={search} now={ctx.clock.now()} />
    return show(parts, c, { title: facts.item.name, here, hasCharts: true, children })
  })

  const showEdit = async (c: Context, ref: string, values: ItemValues | null, problem: string | null) => {
    const { itemId, list: listId, name } = await findItem(ctx, { ref })
    const list = await requireList(ctx, listId)
    const stored = await ctx.db
      .selectFrom('stock.items')
      .select(settingNames)
      .where('id', '=', itemId)
      .executeTakeFirstOrThrow()
    const shown = values ?? valuesOfSettings(stored)
    const children = <EditItem list={list} values={shown} problem={problem} itemId={itemId} name={name} />
    return show(parts, c, { title: `Edit ${name}`, here, children }, problem === null ? 200 : 422)
  }
  pages.get('/items/:id/edit', (c) => showEdit(c, c.req.param('id'), null, null))
  pages.post('/items/:id/edit', async (c) => {
    const form = await readForm(c)
    const item = c.req.param('id')
    const save = async (actor: string): Promise<Done> => {
      const { changed } = await updateItem(ctx, { item, changes: readItemForm(form), actor })
      return {
        said: changed.length === 0 ? 'It was like that already.' : 'Saved.',
        goTo: `/items/${encodeURIComponent(item)}`,
      }
    }
    return actOrReturn(c, { action: 'updateItem', subject: item, back: here }, save, (problem) =>
      showEdit(c, item, valuesOf(form), problem),
    )
  })

  /** A form of the page of one item. */
  const change = (
    name: string,
    action: string,
    work: (item: string, form: FormFields, actor: string) => Promise<Done>,
  ): void => {
    pages.post(`/items/:id/${name}`, async (c) => {
      const item = c.req.param('id') ?? ''
      const form = await readForm(c)
      return act(c, { action, subject: item, back: `/items/${encodeURIComponent(item)}` }, (actor) =>
        work(item, form, actor),
      )
    })
  }
  change('count', 'countItem', async (item, form, actor) => {
    const quantity = requiredNumber(form, 'quantity', 'Counted')
    return describeChange(await countStock(ctx, { item, quantity, note: form.optional('note'), actor }))
  })
  change('use', 'useItem', async (item, form, actor) => {
    const quantity = requiredNumber(form, 'quantity', 'Used')
    return describeChange(await recordUse(ctx, { item, quantity, note: form.optional('note'), actor }))
  })
  change('snooze', 'snoozeItem', async (item, form, actor) => {
    const days = requiredNumber(form, 'days', 'Days')
    const reason = form.optional('reason') ?? 'not needed for now'
    await snoozeItem(ctx, { item, days, reason, actor })
    return { said: `It is not ordered for ${days} days.` }
  })
  change('wake', 'wakeItem', async (item) => {
    await wakeItem(ctx, { item })
    return { said: 'It is ordered again when it is due.' }
  })
  change('confirm-link', 'confirmLink', async (item, form, actor) => {
    const { id: productId, name } = await requireProduct(ctx, form.text('product'))
    await confirmLink(ctx, { itemId: item, productId, actor })
    return { said: `It is “${name}” from now on.` }
  })
  change('confirm-count', 'confirmCount', async (item, _form, actor) => {
    const { doubt } = await confirmCount(ctx, { item, actor })
    return {
      said: doubt === null ? 'Nothing about it is in doubt.' : 'Taken as recorded; it is bought when it is due.',
    }
  })
  change('undo', 'undoMovement', async (_item, form, actor) => {
    const { name, onHand, unit, warning } = await undoMovement(ctx, {
      movementId: Number(form.text('movement')),
      actor,
    })
    const said = `Taken back: ${onHand} ${unit} of ${name} on hand.`
    return warning === null ? { said } : { said: `${said} ${warning}`, tone: 'warn' }
  })
  change('remove', 'removeItem', async (item, _form, actor) => {
    const { list } = await findItem(ctx, { ref: item })
    const { name } = await removeItem(ctx, { item, actor })
    return { said: `“${name}” is off the list.`, goTo: `/items?list=${encodeURIComponent(list)}` }
  })
  return pages

  async function listAsked(c: Context): Promise<string | undefined> {
    return c.req.query('list') ?? (await findLists(ctx))[0]?.id
  }
}

function requiredNumber(form: FormFields, name: string, label: string): number {
  const number = form.number(name, label)
  if (number === null) throw new InputError(`${label}: say how much.`)
  return number
}

function describeChange({ name, onHand, unit, before, doubt }: StockChanged): Done {
  const said = `${name}: ${onHand} ${unit} on hand (before: ${before} ${unit}).`
  return doubt === null ? { said } : { said: `${said} ${doubt} Until then it is not bought.`, tone: 'warn' }
}
