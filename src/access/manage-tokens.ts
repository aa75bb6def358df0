/** Making and revoking tokens as people do it, at the command line and on pages: noted in the audit log, or not done. */
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { recordAudit } from './audit.js'
import { actorOfPrincipal, type Principal } from './principal.js'
import type { Scope } from './scopes.js'
import { type ApiToken, addToken, revokeToken } from './tokens.js'

type Person = Pick<Principal, 'kind' | 'name'>

export const maxTokenDays = 3_660

/** Makes a token; its text is in the answer and nowhere else. Throws InputError that says what to write instead. */
export async function issueToken(
  ctx: DomainContext,
  person: Person,
  input: {
    readonly name: string
    readonly scopes: readonly Scope[]
    /** null: it lasts until it is revoked. */
    readonly days: number | null
  },
): Promise<ApiToken & { readonly token: string }> {
  const { days } = input
  if (days !== null && (!Number.isInteger(days) || days < 1 || days > maxTokenDays)) {
    throw new InputError(`A token lasts a whole number of days from 1 to ${maxTokenDays}, or until it is revoked.`)
  }
  return inTransaction(ctx, async (tx) => {
    const made = await addToken(tx, { ...input, by: actorOfPrincipal(person) })
    const { scopes, expiresAt } = made
    await recordAudit(tx, {
      actor: person,
      action: 'addToken',
      subject: input.name,
      result: 'done',
      details: { scopes, expiresAt },
    })
    return made
  })
}

/** From now on nobody gets in with it. Throws InputError that names the ones there are. */
export async function withdrawToken(ctx: DomainContext, person: Person, name: string): Promise<ApiToken> {
  return inTransaction(ctx, async (tx) => {
    const token = await revokeToken(tx, name)
    await recordAudit(tx, { actor: person, action: 'removeToken', subject: name, result: 'done' })
    return token
  })
}
