import { z } from 'zod'
import { RefusalError } from '../../../src/platform/errors.js'
import { type Caller, syncContext } from '../../../src/platform/run-context.js'
import { applyOrderEvents } from '../../../src/stock/apply-order-events.js'
import { defineTool, idSchema, messagesSchema, writesOnce } from '../../tool.js'

const eventSchema = z.object({
  event_id: idSchema,
  seq: z.int().min(1),
  type: z.enum(['line_opened', 'line_changed', 'line_closed', 'delivery']),
  list: idSchema,
  order_id: idSchema,
  line_id: idSchema,
  item_id: idSchema,
  supplier_id: idSchema,
  status: z.string().max(32).describe('Of the order'),
  quantity: z.number().min(0).describe("Ordered, in the item's unit"),
  received_quantity: z.number().min(0).describe('Received so far, in all'),
  is_final: z.boolean(),
  expected_at: z.iso.datetime().nullable(),
  at: z.iso.datetime(),
  delivery_id: idSchema.nullable(),
  delivered_quantity: z.number().nullable(),
})

export const applyOrderEventsTool = defineTool({
  name: 'apply_order_events',
  title: 'Apply order events',
  description:
    "For Restock's worker only: brings the list up to what read_order_events of the ordering server returned. Repeating it is harmless.",
  audience: 'worker',
  input: z.object({ events: z.array(eventSchema).max(500) }),
  output: z.object({
    applied: z.number().int(),
    skipped: z.number().int().describe('Applied before, or about unknown items'),
    messages: messagesSchema,
  }),
  annotations: writesOnce,
  async handle(ctx, input) {
    assertSync(ctx.caller)
    const { applied, skipped, messages } = await applyOrderEvents(ctx, { events: input.events.map(toEvent) })
    return { applied, skipped, messages: [...messages] }
  },
})

/**
 * Events carry no signature of their own, and a run's context also signs what its model asks for. So only the context
 * that no model ever works under may bring them.
 */
function assertSync(caller: Caller): void {
  if (caller.kind === 'run' && caller.run === syncContext.run && caller.list === syncContext.list) return
  throw new RefusalError({
    code: 'worker_only',
    severity: 'final',
    text: "Order events are carried by Restock's own sync alone.",
  })
}

function toEvent(event: z.infer<typeof eventSchema>) {
  return {
    eventId: event.event_id,
    seq: event.seq,
    type: event.type,
    list: event.list,
    orderId: event.order_id,
    lineId: event.line_id,
    itemId: event.item_id,
    supplierId: event.supplier_id,
    status: event.status,
    quantity: event.quantity,
    receivedQuantity: event.received_quantity,
    isFinal: event.is_final,
    expectedAt: event.expected_at === null ? null : new Date(event.expected_at),
    at: new Date(event.at),
    deliveryId: event.delivery_id,
    deliveredQuantity: event.delivered_quantity,
  }
}
