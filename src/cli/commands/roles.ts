import type { Command } from 'commander'
import { endSoon, stopSignal, surviveLostConnections } from '../../platform/lifecycle.js'
import { createLogger } from '../../platform/logger.js'
import { findSchedules } from '../../schedules/change-schedule.js'
import { findLists } from '../../stock/lists.js'
import { type Cli, type GlobalOptions, openingText } from '../cli.js'
import type { App } from '../open-app.js'
import type { Role } from '../start-roles.js'
import { zonedTime } from '../terminal/local-time.js'

const roles: readonly { name: string; starts: readonly Role[]; description: string; example: string }[] = [
  {
    name: 'up',
    starts: ['worker', 'web', 'scheduler'],
    description: 'Run everything in one process: scheduler, worker and dashboard.',
    example: 'restock up --data-dir /var/lib/my-cafe',
  },
  {
    name: 'scheduler',
    starts: ['scheduler'],
    description: 'Run the scheduler alone. Any number of them may run; each slot still gives one run.',
    example: 'DATABASE_URL=postgres://… REDIS_URL=redis://… restock scheduler',
  },
  {
    name: 'worker',
    starts: ['worker'],
    description: 'Run a worker alone. Any number of them may run, on any number of machines.',
    example: 'RESTOCK_CONCURRENCY=8 restock worker',
  },
  {
    name: 'web',
    starts: ['web'],
    description: 'Run the dashboard alone.',
    example: 'RESTOCK_WEB_PORT=8080 restock web',
  },
]

export function registerRoles(program: Command, cli: Cli): void {
  for (const role of roles) {
    program
      .command(role.name)
      .description(role.description)
      .addHelpText('after', `\nExample:\n  ${role.example}`)
      .action(async (_options: unknown, command: Command) => runRoles(cli, command, role.starts))
  }
}

/** Starts roles, says where things are, and stays until a signal comes or the embedded database is lost. A second signal ends the process at once. */
async function runRoles(cli: Cli, command: Command, starts: readonly Role[]): Promise<void> {
  const started = performance.now()
  const config = cli.config(command)
  const { verbose } = command.optsWithGlobals<GlobalOptions>()
  const level = verbose === true ? 'debug' : config.log.level
  // Takes the line away that says what is being waited for.
  const beforeLine = () => cli.io.stderr('')
  const log = createLogger({ ...config.log, level, beforeLine })
  surviveLostConnections(log)
  // Listened for from the start: a Ctrl-C during start-up stops just as cleanly.
  const stopped = stopSignal()
  let giveUp: (error: Error) => void = () => undefined
  const gone = new Promise<Error>((resolve) => {
    giveUp = resolve
  })
  const app = await cli.during(command, openingText(config), async () => {
    const { openApp } = await import('../open-app.js')
    return openApp(config, {
      log,
      name: `restock-${command.name()}`,
      // Whoever starts everything means the file that is there; a part may run where there is none, or another.
      whenNotInForce: command.name() === 'up' ? 'refuse' : 'go on',
      onDatabaseGone: (error) => giveUp(error),
    })
  })
  if (app.configKept !== null) log.warn({}, app.configKept)
  try {
    const { startRoles } = await import('../start-roles.js')
    const { webUrl } = await startRoles(app, starts)
    const up = await lookAround(app, command.name(), webUrl, performance.now() - started)
    cli.answer(command, up, () => describe(up, app))
    const end = await Promise.race([stopped, gone])
    // Whoever looks after this process starts it again; without a database it would only seem to be there.
    if (end instanceof Error) throw end
    log.info({ signal: end }, 'stopping; once more ends it at once')
  } finally {
    await app.close()
    log.info({}, 'stopped')
    endSoon(log)
  }
}

/** What is up now, and with what: as `--json` says it. */
interface Up {
  readonly name: string
  readonly tookMs: number
  /** null: this process serves no pages. */
  readonly webUrl: string | null
  /** null: the embedded one. */
  readonly databaseUrl: string | null
  readonly dataDir: string
  /** null: the queue is in the same database. */
  readonly redisUrl: string | null
  /** The file in force; null: none is. */
  readonly configFile: string | null
  readonly lists: readonly string[]
  readonly schedules: number
  readonly nextSlot: Date | null
}

async function lookAround(app: App, name: string, webUrl: string | null, tookMs: number): Promise<Up> {
  const { config, configKept } = app
  const lists = await findLists(app.ctx)
  const schedules = await findSchedules(app.ctx)
  const next = schedules.flatMap(({ nextSlot }) => (nextSlot === null ? [] : [nextSlot.getTime()]))
  return {
    name,
    tookMs: Math.round(tookMs),
    webUrl,
    databaseUrl: config.databaseUrl === null ? null : hidePassword(config.databaseUrl),
    dataDir: config.dataDir,
    redisUrl: config.redisUrl === null ? null : hidePassword(config.redisUrl),
    configFile: configKept === null ? config.configFile : null,
    lists: lists.map(({ id }) => id),
    schedules: schedules.length,
    nextSlot: next.length === 0 ? null : new Date(Math.min(...next)),
  }
}

function describe(up: Up, app: App): string {
  const what = up.name === 'up' ? 'Restock is up' : `The ${up.name} is up`
  const lines = [
    `${what} (${(up.tookMs / 1000).toFixed(1)} s).`,
    ...(up.webUrl === null ? [] : [`  Dashboard  ${up.webUrl}`]),
    `  Database   ${up.databaseUrl ?? `embedded, in ${up.dataDir}`}`,
    `  Queue      ${up.redisUrl ?? 'in the same database'}`,
    `  Settings   ${describeSettings(app)}`,
    `  Lists      ${up.lists.join(', ') || 'none yet; `restock init` makes the first'}`,
    `  Schedules  ${describeSchedules(up)}`,
    '  Stop with Ctrl-C.',
  ]
  return lines.join('\n')
}

function describeSettings({ config, configKept }: App): string {
  if (configKept !== null) return `as the database has them; ${config.configFile} is not in force`
  return config.configFile ?? 'none found; `restock init` makes a restock.yaml'
}

function describeSchedules({ schedules, nextSlot }: Up): string {
  if (schedules === 0) return 'none; `restock run` starts a run by hand'
  return nextSlot === null ? `${schedules}, all paused` : `${schedules}, next ${zonedTime(nextSlot)}`
}

function hidePassword(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}
