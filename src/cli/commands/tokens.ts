import type { Command } from 'commander'
import { issueToken, maxTokenDays, withdrawToken } from '../../access/manage-tokens.js'
import { isScope, type Scope, scopes } from '../../access/scopes.js'
import { type ApiToken, findTokens } from '../../access/tokens.js'
import { InputError } from '../../platform/errors.js'
import { nearest } from '../../platform/nearest.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readCount } from '../read-option.js'
import { localTime, machineTimeZone, zonedTime } from '../terminal/local-time.js'
import { type Column, formatTable } from '../terminal/table.js'

const meanings = 'read: look; run: the day’s work; approve: decide about orders; admin: everything'

export function registerTokens(program: Command, cli: Cli): void {
  const tokens = program
    .command('tokens')
    .description('Keys for programs that use the API: add, list, remove.')
    .addHelpText('after', '\nExample:\n  restock tokens list\n  restock tokens add home-assistant --scope run')
  registerAdd(tokens, cli)
  registerList(tokens, cli)
  registerRemove(tokens, cli)
}

interface AddOptions {
  readonly scope: readonly string[]
  readonly days?: string
}

function registerAdd(tokens: Command, cli: Cli): void {
  tokens
    .command('add')
    .description('Make a token. It is shown once, here and never again.')
    .argument('<name>', 'what it is for: lower-case letters, digits, - and _')
    .option('--scope <scopes...>', `what it may do: ${scopes.join(', ')} (${meanings})`, ['read'])
    .option('--days <days>', 'how long it lasts (until it is removed)')
    .addHelpText('after', '\nExample:\n  restock tokens add home-assistant --scope run --days 365')
    .action(async (name: string, options: AddOptions, command: Command) => {
      const held = options.scope.flatMap((text) => text.split(',')).map(readScope)
      const days = options.days === undefined ? null : readCount('--days', options.days, { min: 1, max: maxTokenDays })
      await cli.withApp(command, async ({ ctx }) => {
        const person = { kind: 'cli', name: actorName(cli.io.env) } as const
        const added = await issueToken(ctx, person, { name, scopes: held, days })
        cli.answer(command, added, () => added.token)
        cli.io.stderr(
          `This is the only time that the token of "${name}" is shown (${added.scopes.join(', ')}${
            added.expiresAt === null ? '' : `, until ${zonedTime(added.expiresAt)}`
          }). Send it as: Authorization: Bearer <token>\n`,
        )
      })
    })
}

function readScope(text: string): Scope {
  if (isScope(text)) return text
  const meant = nearest(text, scopes)
  const hint = meant === undefined ? '.' : `; did you mean ${meant}?`
  throw new InputError(`--scope: "${text}" is not one of ${scopes.join(', ')}${hint}`)
}

const columns: readonly Column<ApiToken>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'scopes', value: (token) => token.scopes.join(', ') },
  { title: 'made by', value: ({ createdBy }) => createdBy, isDetail: true },
  { title: `made (${machineTimeZone})`, value: ({ createdAt }) => localTime(createdAt), isDetail: true },
  { title: `until (${machineTimeZone})`, value: ({ expiresAt }) => localTime(expiresAt) },
  { title: `last used (${machineTimeZone})`, value: ({ lastUsedAt }) => localTime(lastUsedAt), isDetail: true },
]

function registerList(tokens: Command, cli: Cli): void {
  tokens
    .command('list')
    .description('List the tokens, with what they may do and when they were last used.')
    .addHelpText('after', '\nExample:\n  restock tokens list')
    .action(async (_options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const found = await findTokens(ctx)
        cli.answer(command, { tokens: found }, () =>
          found.length === 0
            ? 'There are no tokens yet; `restock tokens add` makes one.'
            : formatTable(found, columns, cli.io),
        )
      })
    })
}

function registerRemove(tokens: Command, cli: Cli): void {
  tokens
    .command('remove')
    .description('Revoke a token: from now on nobody gets in with it.')
    .argument('<name>', 'its name')
    .addHelpText('after', '\nExample:\n  restock tokens remove home-assistant')
    .action(async (name: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const removed = await withdrawToken(ctx, { kind: 'cli', name: actorName(cli.io.env) }, name)
        cli.answer(command, { removed: removed.name }, () => `The token "${removed.name}" opens nothing any more.`)
      })
    })
}
