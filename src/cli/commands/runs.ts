import type { Command } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { formatMoney } from '../../platform/decimal.js'
import { describeQuote } from '../../purchasing/quotes/describe-quote.js'
import { findQuotes } from '../../purchasing/quotes/find-quotes.js'
import { countDecisions } from '../../runs/count-decisions.js'
import { explainItem, type ItemExplanation } from '../../runs/explain-item.js'
import { findRuns, getRun } from '../../runs/find-runs.js'
import type { Run } from '../../runs/run.js'
import { describeRun, toRunReport } from '../../runs/run-report.js'
import type { RunStatus } from '../../runs/tables.js'
import { requireList } from '../../stock/lists.js'
import type { Cli } from '../cli.js'
import { choiceOption, readChoice, readCount } from '../read-option.js'
import { localTime, machineTimeZone, zonedTime } from '../terminal/local-time.js'
import { roleOfStatus } from '../terminal/style.js'
import { type Column, formatFacts, formatTable, plainLines } from '../terminal/table.js'
import { withLiveOrders } from '../wait-for-run.js'
import { registerReplay } from './replay-run.js'

const statuses: readonly RunStatus[] = ['pending', 'running', 'completed', 'failed', 'skipped']

export function registerRuns(program: Command, cli: Cli): void {
  const runs = program
    .command('runs')
    .description('List runs, newest first, with what became of their items.')
    .option('--list <list>', 'only runs of this list')
    .addOption(choiceOption('--status <status>', 'only runs in this status', statuses))
    .option('--limit <count>', 'how many at most', '20')
    .addHelpText('after', '\nExample:\n  restock runs --list cafe --limit 5')
    .action(async (options: { list?: string; status?: string; limit: string }, command: Command) => {
      const limit = readCount('--limit', options.limit, { min: 1, max: 1_000 })
      const status = options.status === undefined ? undefined : readChoice('--status', options.status, statuses)
      await cli.withApp(command, async ({ ctx }) => {
        const list = options.list === undefined ? undefined : (await requireList(ctx, options.list)).id
        const found = await findRuns(ctx, {
          limit,
          ...(list === undefined ? {} : { list }),
          ...(status === undefined ? {} : { status }),
        })
        cli.answer(command, { runs: found.map(toSummary) }, () =>
          found.length === 0
            ? `There are no ${list === undefined && status === undefined ? 'runs yet' : 'such runs'}; \`restock run\` starts one.`
            : formatTable(found, columns, cli.io),
        )
      })
    })
  runs
    .command('show')
    .description('Show one run: every item with its decision and reason, and the orders.')
    .argument('<id>', 'id of the run; `latest` is the newest')
    .addHelpText('after', '\nExample:\n  restock runs show latest')
    .action(async (id: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const run = await withLiveOrders(ctx, await getRun(ctx, id))
        const { baskets, explanations } = await explain(ctx, run)
        cli.answer(command, { ...toRunReport(run), baskets, explanations }, () =>
          [
            describe(run, cli),
            ...baskets.map((lines) => plainLines(lines.join('\n'))),
            ...explanations.map(describeExplanation),
          ].join('\n\n'),
        )
      })
    })
  registerReplay(runs, cli)
}

/** A run in a listing: its facts, and counts and totals in place of items and lines. */
function toSummary(run: Run) {
  const { items, orders, ...report } = toRunReport(run).run
  return {
    ...report,
    createdAt: run.createdAt.toISOString(),
    slot: run.slot?.toISOString() ?? null,
    decisions: Object.fromEntries(countDecisions(run.outcome?.items ?? [])),
    orders: orders.map(({ id, supplier, status, totalMinor, currency }) => ({
      id,
      supplier,
      status,
      totalMinor,
      currency,
    })),
  }
}

/**
 * How each item's need came about, what was bought for it and what else it could have been, and how the baskets were chosen: to
 * be checked by hand.
 */
async function explain(
  ctx: DomainContext,
  run: Run,
): Promise<{ readonly baskets: readonly string[][]; readonly explanations: readonly ItemExplanation[] }> {
  const quotes = await findQuotes(ctx, run.id)
  const alternatives = quotes.at(-1)?.alternatives ?? []
  const explanations = [...(run.snapshot?.items ?? []), ...(run.snapshot?.topUps ?? [])].map((item) =>
    explainItem(
      item,
      run.outcome?.items.find((outcome) => outcome.itemId === item.itemId),
      run.outcome?.orders ?? [],
      alternatives.filter((alternative) => alternative.itemId === item.itemId),
    ),
  )
  return { baskets: quotes.map(describeQuote), explanations }
}

function describeExplanation({ name, lines }: ItemExplanation): string {
  return plainLines([name, ...lines.map((line) => `  ${line}`)].join('\n'))
}

const columns: readonly Column<Run>[] = [
  { title: 'run', value: (run) => run.id },
  { title: 'list', value: (run) => run.list },
  { title: 'trigger', value: (run) => run.trigger, isDetail: true },
  {
    title: 'status',
    value: (run) => (run.dryRun ? `${run.status}, dry` : run.status),
    role: (run) => roleOfStatus(run.status),
  },
  { title: `created (${machineTimeZone})`, value: (run) => localTime(run.createdAt) },
  { title: 'items', value: describeItems, isFlexible: true, isDetail: true },
  { title: 'orders', value: describeOrders, isFlexible: true, isDetail: true },
]

function describeItems(run: Run): string {
  if (run.outcome === null) return run.error ?? ''
  const counts = countDecisions(run.outcome.items)
  if (counts.length === 0) return 'nothing due'
  return counts.map(([decision, count]) => `${count} ${decision.replaceAll('_', ' ')}`).join(', ')
}

function describeOrders(run: Run): string {
  const orders = run.outcome?.orders ?? []
  return orders.map((order) => `${order.supplier} ${formatMoney(order.totalMinor, order.currency)}`).join(', ')
}

function describe(run: Run, cli: Cli): string {
  const usage = run.outcome?.usage
  const facts = formatFacts(
    [
      ['run', run.id],
      ['list', run.list],
      ['status', run.dryRun ? `${run.status} (dry run: nothing was ordered)` : run.status, roleOfStatus(run.status)],
      ['trigger', run.slot === null ? run.trigger : `${run.trigger}, slot ${zonedTime(run.slot)}`],
      ['created', zonedTime(run.createdAt)],
      ['started', zonedTime(run.startedAt)],
      ['finished', zonedTime(run.finishedAt)],
      ['attempts', run.epoch],
      ['model', run.outcome?.model ?? run.model],
      [
        'usage',
        usage === undefined
          ? null
          : `${usage.modelCalls} model calls, ${usage.inputTokens} tokens in, ${usage.outputTokens} out`,
      ],
      ['instructions', run.instructions],
    ],
    cli.io,
  )
  const summary = plainLines(describeRun(run))
  return summary === '' ? facts : `${facts}\n\n${summary}`
}
