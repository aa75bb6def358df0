import { createHash, randomBytes } from 'node:crypto'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import type { Principal } from './principal.js'
import type { Scope } from './scopes.js'

/** A token as everybody may see it. */
export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

/** Tells people and scanners of leaked secrets what it is. */
const prefix = 'rst_'
const dayMs = 86_400_000
const minuteMs = 60_000

/** Makes a token. This is the only time that its text is known: what is stored can't be turned back into it. */
export async function addToken(
  ctx: DomainContext,
  input: {
    readonly name: string
    readonly scopes: readonly Scope[]
    readonly by: string
    /** null: it lasts until it is revoked. */
    readonly days: number | null
  },
): Promise<ApiToken & { readonly token: string }> {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(input.name)) {
    throw new InputError(
      `"${input.name.slice(0, 60)}" can't name a token; use lower-case letters, digits, - and _, at most 40.`,
    )
  }
  const [first] = input.scopes
  if (first === undefined) throw new InputError('A token needs at least one scope: read, run, approve or admin.')
  const token = `${prefix}${randomBytes(32).toString('base64url')}`
  const now = ctx.clock.now()
  return inTransaction(ctx, async (tx) => {
    const row = await tx.db
      .insertInto('restock.api_tokens')
      .values({
        id: tx.newId('tok'),
        name: input.name,
        token_hash: hashOf(token),
        scopes: [...new Set(input.scopes)],
        created_by: input.by,
        created_at: now,
        expires_at: input.days === null ? null : new Date(now.getTime() + input.days * dayMs),
        last_used_at: null,
        revoked_at: null,
      })
      .onConflict((conflict) => conflict.column('name').where('revoked_at', 'is', null).doNothing())
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) {
      throw new InputError(`There is a token "${input.name}" already; choose another name, or remove that one first.`)
    }
    return { ...toToken(row), token }
  })
}

/** All that aren't revoked, by name; expired ones too, so that somebody sees why a program is refused. */
export async function findTokens(ctx: DomainContext): Promise<ApiToken[]> {
  const rows = await ctx.db
    .selectFrom('restock.api_tokens')
    .selectAll()
    .where('revoked_at', 'is', null)
    .orderBy('name')
    .execute()
  return rows.map(toToken)
}

/** From now on nobody gets in with it. Throws InputError that names the ones there are. */
export async function revokeToken(ctx: DomainContext, name: string): Promise<ApiToken> {
  const row = await ctx.db
    .updateTable('restock.api_tokens')
    .set({ revoked_at: ctx.clock.now() })
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (row !== undefined) return toToken(row)
  const known = (await findTokens(ctx)).map((token) => token.name)
  throw new InputError(
    `There is no token "${name.slice(0, 60)}"${known.length === 0 ? '' : ` (there: ${known.join(', ')})`}.`,
    'unknown_token',
  )
}

/** Who holds this token; null: nobody does, or not any more. */
export async function principalOfToken(ctx: DomainContext, token: string): Promise<Principal | null> {
  if (!token.startsWith(prefix)) return null
  const now = ctx.clock.now()
  // Found by its hash: how long that takes says nothing about the token.
  const row = await ctx.db
    .selectFrom('restock.api_tokens')
    .select(['id', 'name', 'scopes', 'last_used_at', 'expires_at'])
    .where('token_hash', '=', hashOf(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null
  if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() >= minuteMs) {
    await ctx.db.updateTable('restock.api_tokens').set({ last_used_at: now }).where('id', '=', row.id).execute()
  }
  return { kind: 'token', id: row.id, name: row.name, scopes: row.scopes }
}

/** Whether anybody could get in with a token. */
export async function hasTokens(ctx: DomainContext): Promise<boolean> {
  const now = ctx.clock.now()
  return (await findTokens(ctx)).some(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly scopes: Scope[]
  readonly created_by: string
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly last_used_at: Date | null
}

function toToken(row: TokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}
