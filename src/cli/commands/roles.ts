import type { Command } from 'commander'
import { endSoon, stopSignal, surviveLostConnections } from '../../platform/lifecycle.js'
import { createLogger } from '../../platform/logger.js'
import { findSchedules } from '../../schedules/change-schedule.js'
import { findLists } from '../../stock/lists.js'
import { type Cli, type GlobalOptions, openingText } from '../cli.js'
import { type App, openApp } from '../open-app.js'
import { type Role, startRoles } from '../start-roles.js'

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
  const app = await cli.during(command, openingText(config), () =>
    openApp(config, {
      log,
      name: `restock-${command.name()}`,
      // Whoever starts everything means the file that is there; a part may run where there is none, or another.
      whenNotInForce: command.name() === 'up' ? 'refuse' : 'go on',
      onDatabaseGone: (error) => giveUp(error),
    }),
  )
  if (app.configKept !== null) log.warn({}, app.configKept)
  try {
    const { webUrl } = await startRoles(app, starts)
    cli.io.stdout(`${await describe(app, command.name(), webUrl, performance.now() - started)}\n`)
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

async function describe(app: App, name: string, webUrl: string | null, tookMs: number): Promise<string> {
  const { config } = app
  const lists = await findLists(app.ctx)
  const schedules = await findSchedules(app.ctx)
  const next = schedules.flatMap((schedule) => (schedule.nextSlot === null ? [] : [schedule.nextSlot.getTime()]))
  const what = name === 'up' ? 'Restock is up' : `The ${name} is up`
  const lines = [
    `${what} (${(tookMs / 1000).toFixed(1)} s).`,
    ...(webUrl === null ? [] : [`  Dashboard  ${webUrl}`]),
    `  Database   ${config.databaseUrl === null ? `embedded, in ${config.dataDir}` : hidePassword(config.databaseUrl)}`,
    `  Queue      ${config.redisUrl === null ? 'in the same database' : hidePassword(config.redisUrl)}`,
    `  Settings   ${describeSettings(app)}`,
    `  Lists      ${lists.map((list) => list.id).join(', ') || 'none yet; `restock init` makes the first'}`,
    `  Schedules  ${describeSchedules(schedules.length, next)}`,
    '  Stop with Ctrl-C.',
  ]
  return lines.join('\n')
}

function describeSettings({ config, configKept }: App): string {
  if (configKept !== null) return `as the database has them; ${config.configFile} is not in force`
  return config.configFile ?? 'none found; `restock init` makes a restock.yaml'
}

function describeSchedules(count: number, next: readonly number[]): string {
  if (count === 0) return 'none; `restock run` starts a run by hand'
  if (next.length === 0) return `${count}, all paused`
  return `${count}, next ${new Date(Math.min(...next)).toISOString()}`
}

function hidePassword(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}
