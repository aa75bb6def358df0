import { z } from 'zod'
import { findOrders } from '../../../src/purchasing/orders/find-orders.js'
import { defineTool, idSchema, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { listInView } from './list-in-view.js'
import { orderSchema, orderStatusSchema, toOrderOutput } from './order-output.js'

export const listOrdersTool = defineTool({
  name: 'list_orders',
  title: 'List orders',
  description: 'Orders with their lines and status, newest first.',
  audience: 'agent',
  input: z.object({
    list: idSchema.optional(),
    status: orderStatusSchema.optional(),
    attention: z
      .boolean()
      .optional()
      .describe('True: only orders that need a person: overdue, in doubt, changed by the supplier, or not to be sent.'),
    run_id: idSchema.optional().describe('Only orders that this run placed.'),
    limit: z.coerce.number().int().min(1).max(200).optional().describe('20 if not given.'),
  }),
  output: z.object({ orders: z.array(orderSchema), messages: messagesSchema }),
  annotations: readsOnly,
  handle: async (ctx, input) => {
    const orders = await findOrders(ctx, {
      list: listInView(ctx.caller, input.list),
      status: input.status,
      runId: input.run_id,
      attention: input.attention,
      limit: input.limit ?? 20,
    })
    return { orders: orders.map(toOrderOutput), messages: noMessages() }
  },
})
