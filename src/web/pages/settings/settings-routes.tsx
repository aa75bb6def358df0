import { Hono } from 'hono'
import { findAudit } from '../../../access/audit.js'
import { findLists } from '../../../stock/lists.js'
import { type PageParts, show } from '../page-parts.js'
import { Audit, actionsPerPage } from './audit-page.js'
import { Settings } from './settings-page.js'
import { tokenPages } from './token-routes.js'

const here = '/settings'

export function settingsPages(parts: PageParts): Hono {
  const { ctx, about } = parts
  const pages = new Hono()
  pages.route('/', tokenPages(parts))

  pages.get('/settings', async (c) => {
    const [lists, applied] = await Promise.all([
      findLists(ctx),
      ctx.db.selectFrom('restock.applied_configs').select('path').executeTakeFirst(),
    ])
    const children = <Settings lists={lists} settings={about?.settings() ?? null} appliedFile={applied?.path ?? null} />
    return show(parts, c, { title: 'Settings', here, children })
  })

  pages.get('/settings/audit', async (c) => {
    const before = Number(c.req.query('before') ?? Number.NaN)
    const isFirst = !Number.isSafeInteger(before) || before < 1
    const actions = await findAudit(ctx, { limit: actionsPerPage, beforeId: isFirst ? undefined : before })
    return show(parts, c, { title: 'Who did what', here, children: <Audit actions={actions} isFirst={isFirst} /> })
  })
  return pages
}
