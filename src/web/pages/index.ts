/** Every page that there is. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { healthPages } from './health/health-routes.js'
import { importPages } from './imports/import-routes.js'
import { itemPages } from './items/item-routes.js'
import { limitPages } from './limits/limit-routes.js'
import { orderPages } from './orders/order-routes.js'
import { overviewPages } from './overview/overview-routes.js'
import type { PageParts } from './page-parts.js'
import { problemPage } from './problem-page.js'
import { runPages } from './runs/run-routes.js'
import { schedulePages } from './schedules/schedule-routes.js'
import { settingsPages } from './settings/settings-routes.js'
import { startPages } from './start/start-routes.js'
import { supplierPages } from './suppliers/supplier-routes.js'

/** In the order in which paths are matched: `/items/import` is no item. */
const all = [
  overviewPages,
  startPages,
  importPages,
  itemPages,
  orderPages,
  runPages,
  schedulePages,
  limitPages,
  supplierPages,
  settingsPages,
  healthPages,
]

export function createPages(parts: PageParts): Hono {
  const pages = new Hono()
  pages.use(
    compress(),
    bodyLimit({
      maxSize: 6 * 1024 * 1024,
      onError: (c) => c.html(problemPage('Too large', 'This form or file is larger than 6 MB; split it up.'), 413),
    }),
  )
  for (const part of all) pages.route('/', part(parts))
  return pages
}
