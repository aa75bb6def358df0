import type { Command } from 'commander'
import { directAttempt, processors } from '../../processors/index.js'
import { startWorkers } from '../../processors/start-workers.js'
import { trackOrders } from '../../purchasing/track-orders.js'
import { createRun } from '../../runs/create-run.js'
import type { Run } from '../../runs/run.js'
import { toRunReport } from '../../runs/run-report.js'
import { countWorkers } from '../../runs/workers.js'
import { enqueueRun } from '../../schedules/sweep-runs.js'
import { requireList } from '../../stock/lists.js'
import type { Cli } from '../cli.js'
import type { App } from '../open-app.js'
import { waitForRun, waitForSubmissions, withLiveOrders } from '../wait-for-run.js'
import { createWorkerContext } from '../worker-context.js'

interface RunOptions {
  readonly list?: string
  readonly instructions?: string
  readonly dryRun?: boolean
  readonly wait?: boolean
}

export function registerRun(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('Start a run now: work out what is due and order it.')
    .option('--list <list>', 'the list to restock; not needed when there is only one')
    .option('--instructions <text>', 'what the model should bear in mind this time')
    .option('--dry-run', 'show what would be ordered and order nothing')
    .option('--wait', 'wait for the end and print the outcome; works without a running `restock up` too')
    .addHelpText(
      'after',
      '\nExample:\n  restock run --list cafe --wait\n  0 6 * * *  restock run --list cafe --wait --json   # in a crontab',
    )
    .action(async (options: RunOptions, command: Command) => {
      await cli.withApp(command, async (app) => {
        const list = await requireList(app.ctx, options.list)
        await app.queue().check()
        if (options.wait === true) {
          const run = await runAndWait(app, cli, list.id, options)
          cli.answer(command, toRunReport(run), () => run.outcome?.summary ?? run.error ?? 'The run left no outcome.')
          if (run.status === 'failed') cli.fail()
          return
        }
        const run = await start(app, list.id, options)
        const hint =
          (await countWorkers(app.ctx)) === 0
            ? 'No worker is at work yet: start one with `restock up`.'
            : `Follow it with \`restock runs show ${run.id}\`.`
        cli.answer(command, toRunReport(run), () => `Run ${run.id} of list ${list.id} is queued. ${hint}`)
      })
    })
}

async function start(app: App, list: string, options: RunOptions): Promise<Run> {
  const run = await createRun(app.ctx, {
    list,
    instructions: options.instructions ?? null,
    dryRun: options.dryRun ?? false,
  })
  await enqueueRun(app.queue(), run)
  return run
}

/** Waits for the run. Where no worker is at work, this process is one for as long as the run and its orders take. */
async function runAndWait(app: App, cli: Cli, list: string, options: RunOptions): Promise<Run> {
  const tell = (line: string) => cli.io.stderr(`${line}\n`)
  const isAlone = (await countWorkers(app.ctx)) === 0
  if (!isAlone) {
    const run = await start(app, list, options)
    tell(`Run ${run.id} of list ${list} is queued.`)
    const ended = await waitForRun(app.ctx, run.id, tell)
    await waitForSubmissions(app.ctx, run.id, 10_000)
    return withLiveOrders(app.ctx, ended)
  }
  // Nobody else asks the suppliers in between: what was delivered since last time must count before anything is bought.
  await trackOrders(app.ctx)
  const worker = createWorkerContext(app)
  const workers = await startWorkers(worker, app.queue())
  app.lifecycle.own('workers', () => workers.close(app.config.shutdownMs))
  const run = await start(app, list, options)
  tell(`Run ${run.id} of list ${list} is queued; this command works on it itself.`)
  const ended = await waitForRun(app.ctx, run.id, tell)
  await waitForSubmissions(app.ctx, run.id, 30_000)
  await processors['sync-stock'](worker, {}, directAttempt)
  return withLiveOrders(app.ctx, ended)
}
