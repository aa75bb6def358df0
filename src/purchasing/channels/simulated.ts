import type { Selectable } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { SimulatedOrdersTable } from '../tables.js'
import type { Channel, ChannelOrder, SupplierAnswer } from './channel.js'

const dayMs = 86_400_000

/**
 * A supplier that lives in our database, for the demo, tests and trying things out. It behaves like a good real one: it
 * remembers orders by their key, answers a repeated one as before, confirms at once and delivers everything when the
 * supplier's lead time is over.
 */
export const simulatedChannel: Channel = {
  async submit(ctx, order) {
    const supplier = await ctx.db
      .selectFrom('purchasing.suppliers')
      .select('lead_time_days')
      .where('id', '=', order.supplierId)
      .executeTakeFirstOrThrow()
    const now = ctx.clock.now()
    await ctx.db
      .insertInto('purchasing.simulated_orders')
      .values({
        idempotency_key: order.idempotencyKey,
        supplier_id: order.supplierId,
        reference: `SIM-${order.orderId}`,
        payload: JSON.stringify(order),
        accepted_at: now,
        deliver_at: new Date(now.getTime() + supplier.lead_time_days * dayMs),
      })
      .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
      .execute()
    const accepted = await find(ctx, order)
    if (accepted === undefined) throw new Error(`simulated supplier ${order.supplierId} lost order ${order.orderId}`)
    return confirmation(accepted)
  },

  async findByKey(ctx, order) {
    const accepted = await find(ctx, order)
    return accepted === undefined ? { outcome: 'not_found' } : confirmation(accepted)
  },

  async status(ctx, order) {
    const accepted = await find(ctx, order)
    if (accepted === undefined) return { answer: { outcome: 'not_found' }, deliveries: [] }
    const isDelivered = accepted.deliver_at <= ctx.clock.now()
    const deliveries = order.lines.map((line) => ({
      id: `${order.orderId}-${line.lineNumber}-1`,
      lineId: line.lineId,
      quantity: line.quantity,
      at: accepted.deliver_at,
    }))
    return { answer: confirmation(accepted), deliveries: isDelivered ? deliveries : [] }
  },
}

function find(ctx: DomainContext, order: ChannelOrder): Promise<Selectable<SimulatedOrdersTable> | undefined> {
  return ctx.db
    .selectFrom('purchasing.simulated_orders')
    .selectAll()
    .where('idempotency_key', '=', order.idempotencyKey)
    .executeTakeFirst()
}

function confirmation(accepted: Selectable<SimulatedOrdersTable>): SupplierAnswer {
  return { outcome: 'confirmed', reference: accepted.reference, expectedAt: accepted.deliver_at }
}
