import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { issueToken, withdrawToken } from '../../../access/manage-tokens.js'
import { mayUse, scopes } from '../../../access/scopes.js'
import { findTokens } from '../../../access/tokens.js'
import { skipAudit } from '../../security/audit-writes.js'
import { principalOf } from '../../security/principal-of.js'
import { act, actOrReturn, type Done } from '../act.js'
import { type FormFields, readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { problemPage } from '../problem-page.js'
import { newToken, Tokens, type TokenValues } from './tokens-page.js'

const path = '/settings/tokens'

/** Keys for programs, for people who may do everything themselves. */
export function tokenPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()
  pages.use(`${path}/*`, forPeopleInCharge)

  const showTokens = async (
    c: Context,
    { values = newToken, problem = null, made = null }: Partial<Pick<Shown, 'values' | 'problem' | 'made'>>,
  ) => {
    const isOpen = principalOf(c).kind === 'local'
    const shown: Shown = { tokens: await findTokens(ctx), values, problem, made, isOpen, now: ctx.clock.now() }
    return show(
      parts,
      c,
      { title: 'API tokens', here: '/settings', children: <Tokens {...shown} /> },
      problem === null ? 200 : 422,
    )
  }

  pages.get(path, (c) => showTokens(c, {}))

  pages.post(path, async (c) => {
    const form = await readForm(c)
    const name = form.text('name')
    // No redirect: the token is in this answer and nowhere else.
    const make = async (): Promise<Response> => {
      const days = form.number('days', 'Days it lasts')
      const made = await issueToken(ctx, principalOf(c), { name, scopes: readScopes(form), days })
      skipAudit(c)
      return showTokens(c, { made })
    }
    return actOrReturn(c, { action: 'addToken', subject: name, back: path }, make, (problem) =>
      showTokens(c, { values: readValues(form), problem }),
    )
  })

  pages.post(`${path}/:name/revoke`, async (c) => {
    const name = c.req.param('name')
    return act(c, { action: 'removeToken', subject: name, back: path }, async (): Promise<Done> => {
      await withdrawToken(ctx, principalOf(c), name)
      skipAudit(c)
      return { said: `The token “${name}” opens nothing any more.` }
    })
  })
  return pages
}

type Shown = Parameters<typeof Tokens>[0]

/** People who are logged in, or at this machine where nobody has to; never a program, whatever its token may do. */
const forPeopleInCharge = createMiddleware(async (c, next) => {
  const { kind, scopes: held } = principalOf(c)
  if ((kind === 'session' || kind === 'local') && mayUse(held, 'admin')) return next()
  return c.html(problemPage('Not for you', 'API tokens are for people who may do everything here.'), 403)
})

function readScopes(form: FormFields) {
  return scopes.filter((scope) => form.isChecked(`scope.${scope}`))
}

function readValues(form: FormFields): TokenValues {
  return { name: form.text('name'), scopes: readScopes(form), days: form.text('days') }
}
