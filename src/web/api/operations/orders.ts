import { z } from '@hono/zod-openapi'
import { placingChannels } from '../../../purchasing/channels/index.js'
import { cancelOrder } from '../../../purchasing/orders/cancel-order.js'
import { closeOrder } from '../../../purchasing/orders/close-order.js'
import { findOrders } from '../../../purchasing/orders/find-orders.js'
import { getOrder, getOrderHistory } from '../../../purchasing/orders/get-order.js'
import { receiveOrder } from '../../../purchasing/orders/receive-order.js'
import { resolveOrder } from '../../../purchasing/orders/resolve-order.js'
import { approveOrder } from '../../../purchasing/placing/approve-order.js'
import { declineOrder } from '../../../purchasing/placing/decline-order.js'
import { parseDeclineTerm } from '../../../purchasing/placing/decline-term.js'
import { requireList } from '../../../stock/lists.js'
import { operation } from '../operation.js'
import { pageOf, pageQuery, readCursor, toPage } from '../pages.js'
import { orderHistorySchema, orderSchema, orderStatusSchema } from './order-schemas.js'
import { listId, reason } from './shared.js'

const params = z.object({ order: z.string().min(1).max(64) })
const changed = z.object({ order: orderSchema })

export const orderOperations = [
  operation({
    id: 'findOrders',
    method: 'get',
    path: '/orders',
    scope: 'read',
    tag: 'orders',
    summary: 'Orders, the newest first.',
    query: z.object({
      list: listId.optional(),
      status: orderStatusSchema.optional(),
      run: z.string().max(64).optional(),
      attention: z.enum(['true', 'false']).optional().openapi({ description: 'Only those that need a person.' }),
      ...pageQuery.shape,
    }),
    answer: pageOf(orderSchema),
    work: async ({ ctx, query }) => {
      const { limit, status, run: runId, attention } = query
      const list = query.list === undefined ? undefined : (await requireList(ctx, query.list)).id
      const [placedAt, orderId] = readCursor(query.cursor, z.tuple([z.iso.datetime(), z.string()])) ?? []
      const after =
        placedAt === undefined || orderId === undefined ? undefined : { placedAt: new Date(placedAt), orderId }
      const filter = { list, status, runId, attention: attention === 'true', after }
      return toPage(await findOrders(ctx, { ...filter, limit: limit + 1 }), limit, (order) => [
        order.placedAt,
        order.orderId,
      ])
    },
  }),
  operation({
    id: 'getOrder',
    method: 'get',
    path: '/orders/{order}',
    scope: 'read',
    tag: 'orders',
    summary: 'One order, its lines and what happened to it.',
    params,
    answer: z.object({ order: orderSchema, history: z.array(orderHistorySchema) }),
    work: async ({ ctx, params: { order: orderId } }) => ({
      order: await getOrder(ctx, { orderId }),
      history: await getOrderHistory(ctx, { orderId }),
    }),
  }),
  operation({
    id: 'approveOrder',
    method: 'post',
    path: '/orders/{order}/approve',
    scope: 'approve',
    tag: 'orders',
    summary: 'Let an order go to its supplier, or take what a supplier changed.',
    description:
      'Its prices are checked again first. Where anything has become worse the order expires instead (409 `approval_lapsed`), and the next run quotes anew.',
    isAlone: true,
    params,
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, by }) => ({
      order: await approveOrder(ctx, { orderId, by }, placingChannels(ctx.canMail === true)),
    }),
  }),
  operation({
    id: 'declineOrder',
    method: 'post',
    path: '/orders/{order}/decline',
    scope: 'approve',
    tag: 'orders',
    summary: 'Say no to an order that waits for approval. Its items are not offered again for a while.',
    params,
    body: z.strictObject({
      reason,
      for: z.string().max(40).optional().openapi({
        description: 'How long its items are left out; 0: not at all. A week unless said otherwise.',
        example: '2w',
      }),
    }),
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, body, by }) => {
      const forMs = body.for === undefined ? undefined : parseDeclineTerm(body.for)
      return { order: await declineOrder(ctx, { orderId, by, reason: body.reason, forMs }) }
    },
  }),
  operation({
    id: 'cancelOrder',
    method: 'post',
    path: '/orders/{order}/cancel',
    scope: 'approve',
    tag: 'orders',
    summary: 'Take back an order; a supplier that has it already is asked to cancel it, where it can be asked.',
    params,
    body: z.strictObject({ reason }),
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, body, by }) => ({
      order: await cancelOrder(ctx, { orderId, by, reason: body.reason ?? 'cancelled by hand' }),
    }),
  }),
  operation({
    id: 'receiveOrder',
    method: 'post',
    path: '/orders/{order}/receive',
    scope: 'run',
    tag: 'orders',
    summary: 'Say that goods came in: everything that is missing, or the lines given.',
    params,
    body: z.strictObject({
      lines: z
        .array(
          z.strictObject({
            line: z.string().min(1).max(64).openapi({ description: 'Id of a line, or of an item with one line.' }),
            quantity: z.number().positive().openapi({ description: "What came in this time, in the item's unit." }),
          }),
        )
        .min(1)
        .max(500)
        .optional(),
    }),
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, body, by }) => ({
      order: await receiveOrder(ctx, { orderId, lines: body.lines, by }),
    }),
  }),
  operation({
    id: 'closeOrder',
    method: 'post',
    path: '/orders/{order}/close',
    scope: 'approve',
    tag: 'orders',
    summary: 'End an order that will not be completed; what has not come is needed again.',
    params,
    body: z.strictObject({ reason }),
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, body, by }) => ({
      order: await closeOrder(ctx, { orderId, by, reason: body.reason }),
    }),
  }),
  operation({
    id: 'resolveOrder',
    method: 'post',
    path: '/orders/{order}/resolve',
    scope: 'approve',
    tag: 'orders',
    summary: 'End the doubt about an order that was sent and got no answer.',
    params,
    body: z.strictObject({ placed: z.boolean().openapi({ description: 'Whether the supplier has it.' }) }),
    answer: changed,
    work: async ({ ctx, params: { order: orderId }, body, by }) => ({
      order: await resolveOrder(ctx, { orderId, placed: body.placed, by }),
    }),
  }),
]
