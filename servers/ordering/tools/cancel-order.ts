import { z } from 'zod'
import { RefusalError } from '../../../src/platform/errors.js'
import { cancelOrder } from '../../../src/purchasing/orders/cancel-order.js'
import { defineTool, idSchema, messagesSchema, noMessages } from '../../tool.js'
import { orderSchema, toOrderOutput } from './order-output.js'

export const cancelOrderTool = defineTool({
  name: 'cancel_order',
  title: 'Cancel order',
  description:
    'Takes back an order: at once where its supplier has not got it yet; else the supplier is asked, where it can be. For people only; a run is refused.',
  audience: 'person',
  input: z.object({ order_id: idSchema, reason: z.string().trim().min(1).max(500) }),
  output: z.object({ order: orderSchema, messages: messagesSchema }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  handle: async (ctx, input) => {
    if (ctx.caller.kind === 'run') {
      throw new RefusalError({ code: 'person_only', severity: 'final', text: 'Only a person may cancel an order.' })
    }
    const order = await cancelOrder(ctx, { orderId: input.order_id, by: 'client', reason: input.reason })
    return { order: toOrderOutput(order), messages: noMessages() }
  },
})
