import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Config, loadConfig } from '../../config/config.js'
import { packageRoot } from '../../config/paths.js'
import type { DomainContext } from '../../platform/context.js'
import { exitCodeOf, stopSignal } from '../../platform/lifecycle.js'
import { findRuns } from '../../runs/find-runs.js'
import type { Run } from '../../runs/run.js'
import { toRunReport } from '../../runs/run-report.js'
import { removeSchedule } from '../../schedules/change-schedule.js'
import { addSchedule } from '../../schedules/save-schedule.js'
import type { Cli, GlobalOptions } from '../cli.js'
import type { App } from '../open-app.js'
import { waitForRun, waitForSubmissions, withLiveOrders } from '../wait-for-run.js'

const list = 'cafe'
const schedule = 'demo'

export function registerDemo(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description('Restock the example café: a real database, queue, agent and MCP servers, in a throw-away folder.')
    .addHelpText(
      'after',
      '\nExample:\n  restock demo\n  restock demo --data-dir /tmp/cafe   # kept; the second time nothing is due',
    )
    .action(async (_options: unknown, command: Command) => {
      const { dataDir: kept } = command.optsWithGlobals<GlobalOptions>()
      // Only named here: the database makes the folder, so that the user it runs as can enter it.
      const dataDir = kept ?? join(tmpdir(), `restock-demo-${randomBytes(4).toString('hex')}`)
      const stopped = stopSignal()
      const tell = (line: string) => cli.io.stderr(`${line}\n`)
      try {
        const config = demoConfig(cli, dataDir)
        tell(`Starting a database in ${dataDir} …`)
        const app = await cli.during(command, 'Starting the database…', async () => {
          const { openApp } = await import('../open-app.js')
          return openApp(config, {
            log: cli.log(command, config),
            name: 'restock-demo',
            ephemeral: kept === undefined,
            // A folder with somebody's own lists is no place for a demo.
            whenNotInForce: 'refuse',
          })
        })
        try {
          const run = await cli.during(command, 'Restocking the café…', () =>
            Promise.race([restockOnce(app, tell), stopped]),
          )
          if (typeof run === 'string') {
            cli.io.setExitCode(exitCodeOf(run))
            return
          }
          cli.answer(command, toRunReport(run), () => `\n${run.outcome?.summary ?? run.error ?? ''}`)
          if (kept === undefined) {
            tell(
              '\nNothing of this is left, so there is nothing to approve. To go on with the example café: restock init --example, then restock up.',
            )
          }
          if (run.status !== 'completed') cli.fail()
        } finally {
          await app.close()
        }
      } finally {
        if (kept === undefined) await rm(dataDir, { recursive: true, force: true })
      }
    })
}

/** The demo never touches a database, queue or paid model that the environment names for real work. */
function demoConfig(cli: Cli, dataDir: string): Config {
  const { DATABASE_URL, REDIS_URL, OPENAI_API_KEY, OPENAI_BASE_URL, RESTOCK_MODEL, ...env } = cli.io.env
  const model =
    RESTOCK_MODEL === undefined ? { RESTOCK_MODEL: 'rules' } : { RESTOCK_MODEL, OPENAI_API_KEY, OPENAI_BASE_URL }
  return loadConfig({
    env: { ...env, ...model },
    cwd: cli.io.cwd,
    dataDir,
    configFile: join(packageRoot, 'examples', 'cafe', 'restock.yaml'),
  })
}

/** Puts a slot a second ahead and lets beat, queue, worker, agent and servers do the rest, as they would at night. */
async function restockOnce(app: App, tell: (line: string) => void): Promise<Run> {
  const { ctx } = app
  const { startRoles } = await import('../start-roles.js')
  await startRoles(app, ['worker', 'scheduler'])
  const started = ctx.clock.now()
  const slot = await scheduleSoon(ctx)
  tell(`The schedule "${schedule}" asks for a run at ${slot.toISOString().slice(11, 19)} UTC …`)
  try {
    for (;;) {
      const run = (await findRuns(ctx, { list, limit: 1 })).find((found) => found.createdAt >= started)
      if (run === undefined) {
        await sleep(50)
        continue
      }
      const ended = await waitForRun(ctx, run.id, (line) => tell(`  ${line}`))
      await waitForSubmissions(ctx, run.id, 10_000)
      return await withLiveOrders(ctx, ended)
    }
  } finally {
    await removeSchedule(ctx, schedule)
  }
}

/**
 * Adds a schedule whose only slot is about to come, and returns that slot. Cron knows whole seconds and a year has one such
 * slot: on a machine so busy that it went by meanwhile, the next try asks for a later one.
 */
async function scheduleSoon(ctx: DomainContext): Promise<Date> {
  for (let aheadMs = 2_000; ; aheadMs *= 2) {
    const due = new Date(ctx.clock.now().getTime() + aheadMs)
    const cron = `${due.getUTCSeconds()} ${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`
    const { nextSlot } = await addSchedule(ctx, {
      name: schedule,
      list,
      cron,
      timeZone: 'UTC',
      misfire: 'run_once',
      overlap: 'skip',
      instructions: null,
      isPaused: false,
    })
    if (nextSlot !== null && nextSlot <= due) return nextSlot
    await removeSchedule(ctx, schedule)
  }
}
