import type { Operation } from '../operation.js'
import { installationOperations } from './installation.js'
import { itemStockOperations } from './item-stock.js'
import { itemOperations } from './items.js'
import { limitOperations } from './limits.js'
import { listOperations } from './lists.js'
import { orderOperations } from './orders.js'
import { runOperations } from './runs.js'
import { scheduleOperations } from './schedules.js'
import { supplierOperations } from './suppliers.js'

/** Everything that the API can do. */
export const operations: readonly Operation[] = [
  ...listOperations,
  ...itemOperations,
  ...itemStockOperations,
  ...supplierOperations,
  ...orderOperations,
  ...runOperations,
  ...scheduleOperations,
  ...limitOperations,
  ...installationOperations,
]
