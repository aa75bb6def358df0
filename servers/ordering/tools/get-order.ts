import { z } from 'zod'
import { getOrder } from '../../../src/purchasing/orders/get-order.js'
import { defineTool, idSchema, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { listInView } from './list-in-view.js'
import { orderSchema, toOrderOutput } from './order-output.js'

export const getOrderTool = defineTool({
  name: 'get_order',
  title: 'Get order',
  description:
    'One order with its lines and its status now. Use it to find out what became of an order, for instance when place_order gave no answer.',
  audience: 'agent',
  input: z.object({ order_id: idSchema }),
  output: z.object({ order: orderSchema, messages: messagesSchema }),
  annotations: readsOnly,
  handle: async (ctx, input) => {
    const order = await getOrder(ctx, { orderId: input.order_id, list: listInView(ctx.caller, undefined) })
    return { order: toOrderOutput(order), messages: noMessages() }
  },
})
