import { Hono } from 'hono'
import { createLowItems } from '../../../overview/low-items.js'
import { readOverview } from '../../../overview/read-overview.js'
import { findLists } from '../../../stock/lists.js'
import { livePath } from '../../live/sights.js'
import { type PageParts, show } from '../page-parts.js'
import { Overview } from './overview-page.js'

export function overviewPages(parts: PageParts): Hono {
  const { ctx, sights } = parts
  const lowItems = createLowItems(ctx)
  const pages = new Hono()
  pages.get('/', async (c) => {
    const sight = await sights.overview()
    const lists = await findLists(ctx)
    if (lists.length === 0) return c.redirect('/start')
    const [low, facts] = await Promise.all([lowItems.read(lists), readOverview(ctx, lists)])
    return show(parts, c, {
      title: 'Overview',
      here: '/',
      refreshSeconds: facts.atWork.length > 0 ? 10 : 60,
      children: (
        <Overview live={livePath('overview', sight)} lists={lists} low={low} facts={facts} now={ctx.clock.now()} />
      ),
    })
  })
  return pages
}
