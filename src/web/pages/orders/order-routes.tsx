import { Hono } from 'hono'
import { formatMoney } from '../../../platform/decimal.js'
import { InputError } from '../../../platform/errors.js'
import { placingChannels } from '../../../purchasing/channels/index.js'
import { cancelOrder } from '../../../purchasing/orders/cancel-order.js'
import { closeOrder } from '../../../purchasing/orders/close-order.js'
import { inWords, orderStatuses } from '../../../purchasing/orders/order-status.js'
import type { Order } from '../../../purchasing/orders/order-view.js'
import { receiveOrder } from '../../../purchasing/orders/receive-order.js'
import { resolveOrder } from '../../../purchasing/orders/resolve-order.js'
import { approveOrder } from '../../../purchasing/placing/approve-order.js'
import { declineOrder } from '../../../purchasing/placing/decline-order.js'
import { parseDeclineTerm } from '../../../purchasing/placing/decline-term.js'
import { findLists, requireList } from '../../../stock/lists.js'
import { livePath } from '../../live/sights.js'
import { act, type Done } from '../act.js'
import { type FormFields, readForm, readNumber } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { readAfter } from '../paging.js'
import { findOrderPage, type OrderChoice } from './order-list-queries.js'
import { OrderView } from './order-page.js'
import { readOrder } from './order-queries.js'
import { Orders } from './orders-page.js'
import { inPageWords } from './refusal-words.js'

const here = '/orders'
const choices: readonly OrderChoice[] = ['all', 'open', 'attention', ...orderStatuses]

export function orderPages(parts: PageParts): Hono {
  const { ctx, sights } = parts
  const pages = new Hono()

  pages.get('/orders', async (c) => {
    const sight = await sights.overview()
    const asked = c.req.query('list')
    const list = asked === undefined || asked === '' ? null : (await requireList(ctx, asked)).id
    const chosen = choices.find((choice) => choice === c.req.query('show')) ?? 'all'
    const filter = { list, show: chosen, supplier: c.req.query('supplier') || null, after: readAfter(c) }
    const [found, lists] = await Promise.all([findOrderPage(ctx, filter), findLists(ctx)])
    const children = <Orders live={livePath('overview', sight)} found={found} lists={lists} filter={filter} />
    return show(parts, c, { title: 'Orders', here, children })
  })

  pages.get('/orders/:id', async (c) => {
    const facts = await readOrder(ctx, c.req.param('id'))
    return show(parts, c, {
      title: `Order from ${facts.order.supplier}`,
      here,
      children: <OrderView facts={facts} />,
    })
  })

  /** A form of the page of one order. */
  const change = (
    name: string,
    action: string,
    work: (orderId: string, form: FormFields, by: string) => Promise<Order>,
  ): void => {
    pages.post(`/orders/:id/${name}`, async (c) => {
      const orderId = c.req.param('id') ?? ''
      const form = await readForm(c)
      return act(c, { action, subject: orderId, back: `/orders/${encodeURIComponent(orderId)}` }, async (by) => {
        try {
          return describe(await work(orderId, form, by))
        } catch (error) {
          throw inPageWords(error)
        }
      })
    })
  }
  change('approve', 'approveOrder', async (orderId, form, by) => {
    const { seen } = await readOrder(ctx, orderId)
    // What a person says yes to is what they saw, and nothing that came in between.
    if (form.text('seen') !== seen) {
      throw new InputError('The order has changed since this page was loaded; look at it again, then decide.')
    }
    return approveOrder(ctx, { orderId, by }, placingChannels(ctx.canMail === true))
  })
  change('decline', 'declineOrder', (orderId, form, by) => {
    const term = form.optional('for')
    return declineOrder(ctx, {
      orderId,
      by,
      reason: form.optional('reason') ?? undefined,
      forMs: term === null ? undefined : parseDeclineTerm(term),
    })
  })
  change('receive', 'receiveOrder', (orderId, form, by) => {
    const lines = form
      .startingWith('line.')
      .map(([line, quantity]) => ({ line, quantity: readNumber(quantity, 'What came') }))
      .filter(({ quantity }) => quantity !== 0)
    return receiveOrder(ctx, { orderId, by, lines })
  })
  change('cancel', 'cancelOrder', (orderId, form, by) =>
    cancelOrder(ctx, { orderId, by, reason: form.optional('reason') ?? 'cancelled by hand' }),
  )
  change('close', 'closeOrder', (orderId, form, by) =>
    closeOrder(ctx, { orderId, by, reason: form.optional('reason') ?? undefined }),
  )
  change('resolve', 'resolveOrder', (orderId, form, by) => {
    const placed = form.text('placed')
    if (placed !== 'yes' && placed !== 'no') throw new InputError('Say what you found out.')
    return resolveOrder(ctx, { orderId, by, placed: placed === 'yes' })
  })
  return pages
}

function describe(order: Order): Done {
  const total = formatMoney(order.totalMinor, order.currency)
  const asked = order.cancelRequestedBy === null ? '' : ' Its supplier is asked to cancel it.'
  return { said: `The order (${total}) is ${inWords(order.status)}.${asked}` }
}
