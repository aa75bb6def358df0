import type { AnyTool } from '../../tool.js'
import { cancelOrderTool } from './cancel-order.js'
import { createQuoteTool, type Solver } from './create-quote.js'
import { endBuyingTool } from './end-buying.js'
import { getLimitsTool } from './get-limits.js'
import { getOrderTool } from './get-order.js'
import { listOrdersTool } from './list-orders.js'
import { listSuppliersTool } from './list-suppliers.js'
import { placeOrderTool } from './place-order.js'
import { readOrderEventsTool } from './read-order-events.js'
import { registerNeedsTool } from './register-needs.js'
import { searchCatalogTool } from './search-catalog.js'

/** The tools of the ordering server: for the agent, for people's clients, for the worker. */
export const orderingTools = (solver: Solver): readonly AnyTool[] => [
  searchCatalogTool,
  createQuoteTool(solver),
  placeOrderTool,
  getOrderTool,
  listOrdersTool,
  getLimitsTool,

  listSuppliersTool,
  cancelOrderTool,

  registerNeedsTool,
  endBuyingTool,
  readOrderEventsTool,
]
