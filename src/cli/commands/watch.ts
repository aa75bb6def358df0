import type { Command } from 'commander'
import { formatMoney } from '../../platform/decimal.js'
import { exitCodeOf, stopSignal } from '../../platform/lifecycle.js'
import type { Order } from '../../purchasing/orders/order-view.js'
import { getRun } from '../../runs/find-runs.js'
import type { Run } from '../../runs/run.js'
import { describeRun, toRunReport } from '../../runs/run-report.js'
import type { RunStep } from '../../runs/run-steps.js'
import { countWorkers } from '../../runs/workers.js'
import type { Cli, GlobalOptions } from '../cli.js'
import { describeStep, followRun, type RunListener } from '../follow-run.js'
import type { App } from '../open-app.js'
import { readCount } from '../read-option.js'
import { createRunMeter } from '../terminal/run-meter.js'
import { plainLines, plainText } from '../terminal/table.js'
import { withLiveOrders } from '../wait-for-run.js'

export function registerWatch(program: Command, cli: Cli): void {
  program
    .command('watch')
    .description('Follow a run until it ends: its steps as they happen, its orders, what became of each item.')
    .argument('[run]', 'id of the run; the newest if not said', 'latest')
    .option('--timeout <minutes>', 'give up watching after this long; the run goes on')
    .addHelpText(
      'after',
      `
Ctrl-C ends the watching, not the run. The exit code is 1 when the run failed.
With --json each line is an object with an event: run (it began, or another
worker took it), step, order (placed, or its status changed), decision (one an
item), and at last end, with the run as \`restock run --wait --json\` prints it.

Example:
  restock run --list cafe && restock watch
  restock watch latest --json | jq -c 'select(.event == "order")'`,
    )
    .action(async (id: string, options: { timeout?: string }, command: Command) => {
      const timeoutMs =
        options.timeout === undefined
          ? undefined
          : readCount('--timeout', options.timeout, { min: 1, max: 1_440 }) * 60_000
      const stopped = (cli.io.stopSignal ?? stopSignal)()
      await cli.withApp(command, (app) => watch(app, cli, command, { id, stopped, timeoutMs }), { doing: null })
    })
}

interface WatchOptions {
  readonly id: string
  readonly stopped: Promise<NodeJS.Signals>
  readonly timeoutMs: number | undefined
}

async function watch(app: App, cli: Cli, command: Command, options: WatchOptions): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>()
  const { ctx } = app
  // `latest` is the one that is the newest now, also when another begins meanwhile.
  const { id: runId, status } = await getRun(ctx, options.id)
  const isOver = status !== 'pending' && status !== 'running'
  if (!isOver && (await countWorkers(ctx)) === 0) {
    cli.io.stderr('No worker is at work: the run goes on when there is one. Start one with: restock up\n')
  }
  const meter = createRunMeter(ctx.clock)
  const teller = json === true ? tellObjects(cli) : tellLines(cli)
  const listener: RunListener = {
    ...teller,
    looked: (run, steps) => {
      meter.looked(run, steps)
      teller.looked(run)
    },
  }
  const leaving = new AbortController()
  const { stopped, timeoutMs } = options
  const following = followRun(ctx, runId, listener, {
    signal: leaving.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  const ended = await cli.during(command, meter.text, () => Promise.race([following, stopped]), { afterMs: 0 })
  if (typeof ended === 'string') {
    leaving.abort()
    await following.catch(() => undefined)
    cli.io.stderr(`Not watching any more; the run goes on by itself. How it ended: restock runs show ${runId}\n`)
    cli.io.setExitCode(exitCodeOf(ended))
    return
  }
  teller.end(await withLiveOrders(ctx, ended))
  if (ended.status === 'failed') cli.fail()
}

interface Teller {
  looked(run: Run): void
  step(step: RunStep): void
  order(order: Order): void
  end(run: Run): void
}

function tellLines(cli: Cli): Teller {
  const tell = (line: string) => cli.io.stdout(`${plainText(line)}\n`)
  return {
    looked: onChange((run) => tell(describeBegin(run))),
    step: (step) => tell(step.kind === 'snapshot' ? 'what is due was read' : describeStep(step)),
    order: ({ orderId, supplier, totalMinor, currency, lines, status }) =>
      tell(
        `order ${orderId}: ${supplier}, ${formatMoney(totalMinor, currency)}, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}, ${status.replaceAll('_', ' ')}`,
      ),
    end: (run) => {
      const text = describeRun(run)
      cli.io.stdout(`\nRun ${run.id} ${run.status}.${text === '' ? '' : `\n${plainLines(text)}`}\n`)
    },
  }
}

function describeBegin(run: Run): string {
  const of = `Run ${run.id} of list ${run.list}${run.dryRun ? ' (dry run)' : ''}`
  if (run.epoch === 0) return `${of} waits for a worker`
  return run.epoch === 1 ? `${of} is at work` : `${of}: attempt ${run.epoch}`
}

/** One object a line. Programs read them: a field is never renamed or dropped. */
function tellObjects(cli: Cli): Teller {
  const tell = (object: object) => cli.io.stdout(`${JSON.stringify(object)}\n`)
  return {
    looked: onChange(({ id, list, status, trigger, dryRun, epoch, createdAt, startedAt }) =>
      tell({
        event: 'run',
        run: { id, list, status, trigger, dryRun, attempts: epoch, createdAt, startedAt },
      }),
    ),
    step: ({ epoch, step, kind, name, startedAt, durationMs, inputTokens, outputTokens, error }) =>
      tell({
        event: 'step',
        attempt: epoch,
        step,
        kind,
        name,
        startedAt,
        durationMs,
        inputTokens,
        outputTokens,
        error,
      }),
    order: ({ orderId, supplier, status, totalMinor, currency, lines }) =>
      tell({ event: 'order', order: { id: orderId, supplier, status, totalMinor, currency, lines: lines.length } }),
    end: (run) => {
      const report = toRunReport(run)
      for (const item of report.run.items) tell({ event: 'decision', item })
      tell({ event: 'end', ...report })
    },
  }
}

/** Tells of a run when it is first seen, and when another attempt at it begins. */
function onChange(tell: (run: Run) => void): (run: Run) => void {
  let known: number | null = null
  return (run) => {
    if (known === run.epoch) return
    known = run.epoch
    tell(run)
  }
}
