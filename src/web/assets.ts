import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { stylesheet } from './stylesheet.js'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f6f5c"/><path d="M8 13h16v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2zM6 8h20v4H6z" fill="#fff"/><path d="M13 17h6" stroke="#1f6f5c" stroke-width="2.5" stroke-linecap="round"/></svg>`

const version = createHash('sha256').update(stylesheet).digest('hex').slice(0, 10)

/** Changes with its content, so that browsers may keep it. */
export const stylesheetPath = `/assets/restock.css?v=${version}`
export const iconPath = '/assets/icon.svg'

export function createAssets(): Hono {
  const assets = new Hono()
  const forLong = { 'Cache-Control': 'private, max-age=31536000, immutable' }
  assets.get('/assets/restock.css', (c) =>
    c.body(stylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8', ...forLong }),
  )
  assets.get(iconPath, (c) =>
    c.body(icon, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'private, max-age=86400' }),
  )
  return assets
}
