import { orderingServer } from './mcp-servers.js'
import type { RunIdentity, WorkerTools } from './run-tools.js'
import { ordersSchema } from './tool-results.js'

/**
 * One line for each order of the list that needs a person, whoever placed it. Another ordering server may not know such a
 * thing; then there are none.
 */
export async function findAttentionNotes(tools: WorkerTools, { context }: RunIdentity): Promise<string[]> {
  const args = { list: context.list, attention: true, limit: 20 }
  const { orders } = await tools.call(orderingServer, 'list_orders', args, ordersSchema)
  return orders.flatMap(({ order_id, supplier, attention }) =>
    attention ? [`Order ${order_id} (${supplier}) needs attention: ${attention}`] : [],
  )
}
