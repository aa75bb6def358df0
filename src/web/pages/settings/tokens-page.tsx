import { maxTokenDays } from '../../../access/manage-tokens.js'
import { type Scope, scopes } from '../../../access/scopes.js'
import type { ApiToken } from '../../../access/tokens.js'
import { Crumb } from '../crumb.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { ActionButton, Field, Form, Problem } from '../form.js'
import { Badge, Empty, Name, When } from '../parts.js'

/** What stands in the form. */
export interface TokenValues {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly days: string
}

export const newToken: TokenValues = { name: '', scopes: ['read'], days: '365' }

interface TokensProps {
  readonly tokens: readonly ApiToken[]
  readonly values: TokenValues
  readonly problem: string | null
  /** The one that was just made; null: none was. */
  readonly made: { readonly name: string; readonly token: string } | null
  /** Nobody has to log in here, so programs need no token either. */
  readonly isOpen: boolean
  readonly now: Date
}

const meanings: Readonly<Record<Scope, string>> = {
  read: 'look at everything but the audit log',
  run: 'look; start runs, count, use, snooze, request, receive',
  approve: 'look; decide about orders',
  admin: 'everything',
}

export function Tokens({ tokens, values, problem, made, isOpen, now }: TokensProps) {
  return (
    <>
      <Crumb href="/settings">Settings</Crumb>
      <div class="head">
        <h1>API tokens</h1>
      </div>
      <p>
        A program that uses the <a href="/api/openapi.json">API</a> sends its token as{' '}
        <code>Authorization: Bearer …</code>, and may do what the token’s scopes say.
        {isOpen ? ' Here nobody has to log in, so a program of this machine needs none.' : ''}
      </p>
      <div class="stack">
        {made === null ? null : <Made {...made} />}
        {tokens.length === 0 ? (
          <Empty>There are no tokens yet.</Empty>
        ) : (
          <DataTable columns={columnsAt(now)} rows={tokens} label="API tokens" />
        )}
      </div>
      <h2>Make a token</h2>
      <Form action="/settings/tokens" label="Make a token">
        <Problem text={problem} />
        <div class="fields">
          <Field
            label="Name"
            name="name"
            value={values.name}
            isRequired
            maxLength={40}
            hint="what it is for: lower-case letters, digits, - and _"
          />
          <Field
            label="Days it lasts"
            name="days"
            type="number"
            value={values.days}
            hint={`1 to ${maxTokenDays}; blank: until it is revoked`}
          />
          <fieldset class="whole">
            <legend>What it may do</legend>
            {scopes.map((scope) => (
              <label>
                <input type="checkbox" name={`scope.${scope}`} value="yes" checked={values.scopes.includes(scope)} />
                {scope}: {meanings[scope]}
              </label>
            ))}
          </fieldset>
        </div>
        <button type="submit">Make the token</button>
      </Form>
    </>
  )
}

function Made({ name, token }: { name: string; token: string }) {
  return (
    <section class="card warn" aria-labelledby="made-title">
      <h2 id="made-title">The token “{name}” is made</h2>
      <p id="made-hint">Copy it now: it is shown this once, and nobody can find it out again.</p>
      <label>
        Token
        <input
          type="text"
          readonly
          value={token}
          aria-describedby="made-hint"
          autocomplete="off"
          spellcheck={false}
          autofocus
        />
      </label>
    </section>
  )
}

const timeZone = 'UTC'

function columnsAt(now: Date): readonly DataColumn<ApiToken>[] {
  return [
    { title: 'Token', cell: ({ name }) => <Name text={name} /> },
    { title: 'Scopes', cell: (token) => token.scopes.join(', ') },
    {
      title: 'Made (UTC)',
      cell: ({ createdAt, createdBy }) => (
        <>
          <When at={createdAt} timeZone={timeZone} /> by <Name text={createdBy} />
        </>
      ),
    },
    {
      title: 'Last used (UTC)',
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <When at={lastUsedAt} timeZone={timeZone} />),
    },
    {
      title: 'Until (UTC)',
      cell: ({ expiresAt }) =>
        expiresAt === null ? (
          'it is revoked'
        ) : (
          <span class="row">
            <When at={expiresAt} timeZone={timeZone} />
            {expiresAt <= now ? <Badge tone="warn">expired</Badge> : null}
          </span>
        ),
    },
    {
      title: 'Revoke',
      cell: ({ name }) => (
        <details>
          <summary aria-label={`Revoke ${name}`}>Revoke</summary>
          <ActionButton
            action={`/settings/tokens/${encodeURIComponent(name)}/revoke`}
            text="Revoke it now"
            kind="danger"
            label={`Revoke ${name} now`}
          />
        </details>
      ),
    },
  ]
}
