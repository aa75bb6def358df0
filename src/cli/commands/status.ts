import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import { readStatus } from '../../overview/read-status.js'
import type { Logger } from '../../platform/context.js'
import { openDatabase } from '../../platform/database.js'
import { findLists, type ListView, pickList } from '../../stock/lists.js'
import { type Cli, openingText } from '../cli.js'
import type { App } from '../open-app.js'
import { describeStatus } from '../status/describe-status.js'
import { toEmptyReport, toStatusReport } from '../status/status-report.js'
import { createScreen } from '../terminal/screen.js'

export function registerStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('Show where things stand, what needs you first; `restock` alone does the same.')
    .option('--list <list>', 'only this list, in full')
    .addHelpText(
      'after',
      '\nWhere nothing is set up yet it says what to do next, and makes nothing.\n\nExample:\n  restock status --list cafe',
    )
    .action((options: { list?: string }, command: Command) => showStatus(cli, command, options.list))
  program.action((_options: unknown, command: Command) => showStatus(cli, command, undefined))
}

async function showStatus(cli: Cli, command: Command, only: string | undefined): Promise<void> {
  const config = cli.config(command)
  const log = cli.log(command, config)
  if (await isNothingThere(config, log)) return showNothing(cli, command, config)
  const app = await cli.during(command, openingText(config), () => openToLook(config, log))
  try {
    if (app.configKept !== null) cli.io.stderr(`${app.configKept}\n`)
    const lists = await findLists(app.ctx)
    if (lists.length === 0) return showNothing(cli, command, config)
    const shown: readonly ListView[] = only === undefined ? lists : [pickList(lists, only)]
    const status = await cli.during(command, 'Looking at everything…', () =>
      readStatus(app.ctx, shown, only === undefined ? undefined : shown[0]?.id),
    )
    cli.answer(command, toStatusReport(status), () => describeStatus(status, createScreen(cli.io)))
  } finally {
    await cli.during(command, 'Closing the database…', () => app.close())
  }
}

/** Whoever only looks signs nothing, so no secret is made; and an example that lies about is not set up by that. */
async function openToLook(config: Config, log: Logger): Promise<App> {
  const { openApp } = await import('../open-app.js')
  const secret = config.secret ?? randomBytes(32).toString('base64url')
  return openApp(
    { ...config, secret },
    { log, name: 'restock-status', whenNotInForce: config.isExampleFile ? 'leave' : 'go on' },
  )
}

/** No database of ours was ever made here. Looking must not make one. */
async function isNothingThere({ databaseUrl, dataDir }: Config, log: Logger): Promise<boolean> {
  if (databaseUrl === null) return !existsSync(join(dataDir, 'postgres.json'))
  const database = openDatabase({ url: databaseUrl, applicationName: 'restock-status', maxConnections: 1, log })
  try {
    const { rows } = await database.pool.query<{ is_there: boolean }>(
      "select to_regclass('stock.lists') is not null as is_there",
    )
    return rows[0]?.is_there !== true
  } catch {
    // Why it can't be used is said where it is opened.
    return false
  } finally {
    await database.close()
  }
}

function showNothing(cli: Cli, command: Command, config: Config): void {
  const own = config.isExampleFile ? null : config.configFile
  const where = config.databaseUrl === null ? config.dataDir : 'the database of DATABASE_URL'
  const steps: readonly (readonly [string, string])[] =
    own === null
      ? [
          ['restock demo', 'see it at work: the example café, in a throw-away folder'],
          ['restock init', 'write restock.yaml with a first list of your own'],
          [
            'restock up',
            `start everything${config.isExampleFile ? ', with the example café' : ''}: its data goes to ${where}`,
          ],
        ]
      : [
          ['restock up', `start everything as ${own} says: its data goes to ${where}`],
          ['restock run --wait', 'or only one run, now'],
          ['restock demo', 'see it at work: the example café, in a throw-away folder'],
        ]
  const next = steps.map(([name]) => name)
  cli.answer(command, toEmptyReport({ dataDir: config.dataDir, configFile: own, next }), () => {
    const screen = createScreen(cli.io)
    const width = Math.max(...next.map((name) => name.length))
    return [
      own === null ? 'Nothing is set up here yet. Next:' : 'Nothing has been started here yet. Next:',
      ...steps.flatMap(([name, does]) => screen.beside(`  ${name.padEnd(width)}  `, does)),
      'All commands: restock --help',
    ].join('\n')
  })
}
