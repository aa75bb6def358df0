import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { recordAudit } from '../../access/audit.js'
import { closeSession, openSession, principalOfSession } from '../../access/sessions.js'
import { isSameSecret } from '../../platform/http-guard.js'
import { clientAddress } from './client-address.js'
import { loginPage } from './login-page.js'
import { type LoginParts, tooMany } from './require-login.js'
import { giveSessionCookie, sessionCookieIn, takeSessionCookie } from './session-cookie.js'

export interface LoginRouteParts extends LoginParts {
  /** Pause before a wrong password is refused. */
  readonly delayMs?: number
}

const maxFormBytes = 10_000

/** `/login` and `/logout`. They need no login themselves; what guards all writes guards them too. */
export function createLogin({ ctx, web, attempts, delayMs = 250 }: LoginRouteParts): Hono {
  const { password } = web
  const login = new Hono()
  const show = (c: Context, next: string, problem: string | null) =>
    c.html(loginPage({ next, problem, isClosed: password === null }), problem === null ? 200 : 401)

  login.get('/login', (c) => show(c, localPath(c.req.query('next')), null))

  const inSize = bodyLimit({ maxSize: maxFormBytes, onError: (c) => c.text('This is no login.', 413) })
  login.post('/login', inSize, async (c) => {
    if (password === null) return c.html(loginPage({ next: '/', problem: null, isClosed: true }), 403)
    const address = clientAddress(c, web)
    const form = await c.req.parseBody().catch(() => ({}) as Record<string, unknown>)
    const given = typeof form.password === 'string' ? form.password : ''
    const next = localPath(form.next)
    // Looked at right before the comparison: of a thousand guesses that arrive at once only the first few are compared.
    const waitMs = attempts.waitMs(address)
    if (waitMs > 0) return tooMany(c, waitMs)
    // Digests: comparing takes the same time for passwords of any length.
    if (!isSameSecret(digest(given), digest(password))) {
      // Noted before the pause, so that trying many at once gains nothing.
      attempts.note(address)
      ctx.log.warn({ address }, 'a wrong password was refused')
      await recordAudit(ctx, {
        actor: { kind: 'session', name: address },
        action: 'login',
        subject: null,
        result: 'refused',
        status: 401,
      })
      await sleep(delayMs)
      return show(c, next, 'This password is wrong.')
    }
    const { id, publicId } = await openSession(ctx, { password, address, before: sessionCookieIn(c, web) })
    takeSessionCookie(c)
    giveSessionCookie(c, web, id)
    await recordAudit(ctx, {
      actor: { kind: 'session', name: publicId },
      action: 'login',
      subject: null,
      result: 'done',
      details: { address },
    })
    return c.redirect(next, 303)
  })

  login.post('/logout', async (c) => {
    const id = sessionCookieIn(c, web)
    if (id !== undefined) {
      const principal = password === null ? null : await principalOfSession(ctx, id, password)
      await closeSession(ctx, id)
      takeSessionCookie(c)
      if (principal !== null) {
        await recordAudit(ctx, { actor: principal, action: 'logout', subject: null, result: 'done' })
      }
    }
    return c.redirect('/login', 303)
  })
  return login
}

/** A path of ours; everything else, such as another site's page, is the first page. */
function localPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/'
  const base = 'http://restock.invalid'
  if (!URL.canParse(next, base)) return '/'
  const { origin, pathname, search } = new URL(next, base)
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}` : '/'
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
