/** Every page that there is. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { itemPages } from './items/item-routes.js'
import { overviewPages } from './overview/overview-routes.js'
import type { PageParts } from './page-parts.js'
import { problemPage } from './problem-page.js'
import { runPages } from './runs/run-routes.js'

export function createPages(parts: PageParts): Hono {
  const pages = new Hono()
  pages.use(compress())
  pages.use(
    bodyLimit({
      maxSize: 6 * 1024 * 1024,
      onError: (c) => c.html(problemPage('Too large', 'This form or file is larger than 6 MB; split it up.'), 413),
    }),
  )
  for (const part of [overviewPages, itemPages, runPages]) pages.route('/', part(parts))
  return pages
}
