import type { Command } from 'commander'
import { createRun } from '../../runs/create-run.js'
import type { Run } from '../../runs/run.js'
import { toRunReport } from '../../runs/run-report.js'
import { countWorkers } from '../../runs/workers.js'
import { enqueueRun } from '../../schedules/sweep-runs.js'
import { requireList } from '../../stock/lists.js'
import type { Cli } from '../cli.js'
import type { App } from '../open-app.js'
import { readCount } from '../read-option.js'
import { createRunMeter } from '../terminal/run-meter.js'
import { waitForRun, waitForSubmissions, withLiveOrders } from '../wait-for-run.js'

interface RunOptions {
  readonly list?: string
  readonly instructions?: string
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly timeout?: string
}

export function registerRun(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('Start a run now: work out what is due and order it.')
    .option('--list <list>', 'the list to restock; not needed when there is only one')
    .option('--instructions <text>', 'what the model should bear in mind this time')
    .option('--dry-run', 'show what would be ordered, and what the limits would say to it, and order nothing')
    .option('--wait', 'wait for the end and print the outcome; works without a running `restock up` too')
    .option(
      '--timeout <minutes>',
      'with --wait: give up waiting after this long (default: three times the limit of one attempt)',
    )
    .addHelpText(
      'after',
      '\nExample:\n  restock run --list cafe --wait\n  0 6 * * *  restock run --list cafe --wait --json   # in a crontab',
    )
    .action(async (options: RunOptions, command: Command) => {
      const timeoutMs = readTimeout(options.timeout)
      const work = async (app: App) => {
        const list = await requireList(app.ctx, options.list)
        await app.queue().check()
        if (options.wait === true) {
          const run = await runAndWait(app, cli, command, { ...options, list: list.id, timeoutMs })
          cli.answer(command, toRunReport(run), () => run.outcome?.summary ?? run.error ?? 'The run left no outcome.')
          if (run.status === 'failed') cli.fail()
          return
        }
        const run = await queueRun(app, list.id, options)
        const hint =
          (await countWorkers(app.ctx)) === 0
            ? 'No worker is at work yet: start one with `restock up`.'
            : `Follow it with \`restock watch ${run.id}\`.`
        cli.answer(command, toRunReport(run), () => `Run ${run.id} of list ${list.id} is queued. ${hint}`)
      }
      await cli.withApp(command, work, { doing: null })
    })
}

async function queueRun(app: App, list: string, options: RunOptions): Promise<Run> {
  const run = await createRun(app.ctx, {
    list,
    instructions: options.instructions ?? null,
    dryRun: options.dryRun ?? false,
  })
  await enqueueRun(app.queue(), run)
  return run
}

/** Waits for the run. Where no worker is at work, now or later, this process is one for as long as the run and its orders take. */
async function runAndWait(
  app: App,
  cli: Cli,
  command: Command,
  options: RunOptions & { readonly list: string; readonly timeoutMs: number | undefined },
): Promise<Run> {
  const { list, timeoutMs = 3 * app.config.worker.runTimeoutMs } = options
  const tell = (line: string) => cli.io.stderr(`${line}\n`)
  const { createStandIn } = await import('../stand-in.js')
  const standIn = createStandIn(app, tell)
  await cli.during(command, 'Getting to work…', () => standIn.look())
  const run = await queueRun(app, list, options)
  tell(`Run ${run.id} of list ${list} is queued${standIn.isAtWork() ? '; this command works on it itself' : ''}.`)
  const meter = createRunMeter(app.ctx.clock)
  const ended = await cli.during(command, meter.text, () =>
    waitForRun(app.ctx, run.id, tell, { look: standIn.look, looked: meter.looked, timeoutMs }),
  )
  await cli.during(command, 'Sending the orders…', () =>
    waitForSubmissions(app.ctx, run.id, standIn.isAtWork() ? 30_000 : 10_000),
  )
  await standIn.settle()
  return withLiveOrders(app.ctx, ended)
}

function readTimeout(minutes: string | undefined): number | undefined {
  return minutes === undefined ? undefined : readCount('--timeout', minutes, { min: 1, max: 1_440 }) * 60_000
}
