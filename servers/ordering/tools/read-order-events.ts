import { z } from 'zod'
import { syncContext } from '../../../src/platform/run-context.js'
import { maxEventsPerPage, readOrderEvents } from '../../../src/purchasing/orders/read-order-events.js'
import { defineTool, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { orderStatusSchema } from './order-output.js'

export const readOrderEventsTool = defineTool({
  name: 'read_order_events',
  title: 'Read order events',
  description: 'What happened to order lines after a cursor, in order, for the list to follow. For the worker.',
  audience: 'worker',
  input: z.object({
    after: z.coerce.number().int().min(0).describe('The last seq that was applied; 0 at first.'),
    limit: z.coerce.number().int().min(1).max(maxEventsPerPage).optional(),
  }),
  output: z.object({
    events: z.array(
      z.object({
        event_id: z.string(),
        seq: z.number(),
        type: z.enum(['line_opened', 'line_changed', 'line_closed', 'delivery']),
        list: z.string(),
        order_id: z.string(),
        line_id: z.string(),
        item_id: z.string(),
        supplier_id: z.string(),
        status: orderStatusSchema,
        quantity: z.number(),
        received_quantity: z.number(),
        is_final: z.boolean(),
        expected_at: z.string().nullable(),
        at: z.string(),
        delivery_id: z.string().nullable(),
        delivered_quantity: z.number().nullable(),
      }),
    ),
    next: z.number(),
    has_more: z.boolean(),
    messages: messagesSchema,
  }),
  annotations: readsOnly,
  handle: async (ctx, input) => {
    // The sync job follows every list, a run only its own.
    const list = ctx.caller.kind === 'run' && ctx.caller.list !== syncContext.list ? ctx.caller.list : undefined
    const page = await readOrderEvents(ctx, { after: input.after, limit: input.limit, list })
    return {
      events: page.events.map((event) => ({
        event_id: event.eventId,
        seq: event.seq,
        type: event.type,
        list: event.list,
        order_id: event.orderId,
        line_id: event.lineId,
        item_id: event.itemId,
        supplier_id: event.supplierId,
        status: event.status,
        quantity: event.quantity,
        received_quantity: event.receivedQuantity,
        is_final: event.isFinal,
        expected_at: event.expectedAt,
        at: event.at,
        delivery_id: event.deliveryId,
        delivered_quantity: event.deliveredQuantity,
      })),
      next: page.next,
      has_more: page.hasMore,
      messages: noMessages(),
    }
  },
})
