import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { sessionMaxMs } from '../../access/sessions.js'
import type { Config } from '../../config/config.js'

type Web = Pick<Config['web'], 'publicUrl'>

const plainName = 'restock_session'
/** Browsers take it only over HTTPS, for this very host, and let no neighbouring host set it. */
const secureName = '__Host-restock_session'

/** People reach the dashboard over TLS, which ends in front of it. */
export function isHttps({ publicUrl }: Web): boolean {
  return publicUrl?.startsWith('https://') ?? false
}

/**
 * What the browser holds of a session, if anything. Where people come over TLS the plain name counts nothing: a neighbouring
 * host, or somebody on the way of a plain request, could have set it.
 */
export function sessionCookieIn(c: Context, web: Web): string | undefined {
  return getCookie(c, isHttps(web) ? secureName : plainName)
}

/** A browser sends it, whatever it is worth. */
export function hasSessionCookie(c: Context): boolean {
  return getCookie(c, secureName) !== undefined || getCookie(c, plainName) !== undefined
}

export function giveSessionCookie(c: Context, web: Web, id: string): void {
  setCookie(c, isHttps(web) ? secureName : plainName, id, {
    path: '/',
    httpOnly: true,
    // Lax, so that a link in a message leads to the page and not to the login; writes are guarded besides.
    sameSite: 'Lax',
    secure: isHttps(web),
    maxAge: sessionMaxMs / 1_000,
  })
}

export function takeSessionCookie(c: Context): void {
  for (const name of [plainName, secureName]) {
    if (getCookie(c, name) !== undefined) deleteCookie(c, name, { path: '/', secure: name === secureName })
  }
}
