import type { AnyTool } from '../../tool.js'
import { addItemTool } from './add-item.js'
import { applyOrderEventsTool } from './apply-order-events.js'
import { beginRunTool } from './begin-run.js'
import { countStockTool } from './count-stock.js'
import { endRunTool } from './end-run.js'
import { getItemTool } from './get-item.js'
import { linkProductTool } from './link-product.js'
import { listItemsTool } from './list-items.js'
import { markOrderedTool } from './mark-ordered.js'
import { recordUseTool } from './record-use.js'
import { removeItemTool } from './remove-item.js'
import { requestItemTool } from './request-item.js'
import { snoozeItemTool } from './snooze-item.js'
import { updateItemTool } from './update-item.js'

/** The tools of the list server: for the agent, for people's clients, for the worker. */
export const listTools: readonly AnyTool[] = [
  listItemsTool,
  markOrderedTool,
  snoozeItemTool,
  linkProductTool,
  requestItemTool,

  getItemTool,
  addItemTool,
  updateItemTool,
  removeItemTool,
  recordUseTool,
  countStockTool,

  beginRunTool,
  endRunTool,
  applyOrderEventsTool,
]
