/** What the page after a change says about it: kept for one page in a cookie, which no other site can set. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

export interface Flash {
  readonly tone: 'good' | 'warn' | 'bad'
  readonly text: string
}

const name = 'restock-said'
// A cookie holds 4 KB, and letters of some languages take nine bytes of it.
const maxLength = 300

export function setFlash(c: Context, { tone, text }: Flash): void {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  const value = Buffer.from(JSON.stringify({ tone, text: shown.toWellFormed() })).toString('base64url')
  setCookie(c, name, value, { path: '/', httpOnly: true, sameSite: 'Strict', maxAge: 60 })
}

export function takeFlash(c: Context): Flash | null {
  const value = getCookie(c, name)
  if (value === undefined) return null
  deleteCookie(c, name, { path: '/' })
  try {
    const { tone, text } = JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as Record<string, unknown>
    if (typeof text !== 'string' || (tone !== 'good' && tone !== 'warn' && tone !== 'bad')) return null
    return { tone, text }
  } catch {
    // Not ours.
    return null
  }
}
