import type { Command } from 'commander'
import { findAudit, type PastAction } from '../../access/audit.js'
import type { Cli } from '../cli.js'
import { choiceOption, readChoice, readCount } from '../read-option.js'
import { localTime, machineTimeZone } from '../terminal/local-time.js'
import { roleOfStatus } from '../terminal/style.js'
import { type Column, formatTable } from '../terminal/table.js'

const results: readonly PastAction['result'][] = ['done', 'refused', 'failed']

const columns: readonly Column<PastAction>[] = [
  { title: `when (${machineTimeZone})`, value: ({ at }) => localTime(at) },
  { title: 'who', value: ({ actorKind, actor }) => (actorKind === actor ? actor : `${actorKind} ${actor}`) },
  { title: 'what', value: ({ action }) => action, isFlexible: true },
  { title: 'on what', value: ({ subject }) => subject, isFlexible: true },
  {
    title: 'result',
    value: ({ result, status }) => (result === 'done' || status === null ? result : `${result} (${status})`),
    role: ({ result }) => roleOfStatus(result),
  },
]

export function registerAudit(program: Command, cli: Cli): void {
  program
    .command('audit')
    .description('Show who changed what through pages, API, queue dashboard and tokens, the newest first.')
    .option('--subject <id>', 'only what was done to this: an order, item, schedule, …')
    .option('--actor <name>', 'only what was done by this token, session or person')
    .addOption(choiceOption('--result <result>', 'only what ended like this', results))
    .option('--limit <count>', 'how many at most', '50')
    .addHelpText('after', '\nExample:\n  restock audit --result refused\n  restock audit --subject ord_8m2k4v --json')
    .action(async (options: { subject?: string; actor?: string; result?: string; limit: string }, command: Command) => {
      const limit = readCount('--limit', options.limit, { min: 1, max: 10_000 })
      const result = options.result === undefined ? undefined : readChoice('--result', options.result, results)
      await cli.withApp(command, async ({ ctx }) => {
        const { subject, actor } = options
        const entries = await findAudit(ctx, { subject, actor, result, limit })
        cli.answer(command, { entries }, () =>
          entries.length === 0 ? 'Nothing is recorded.' : formatTable(entries, columns, cli.io),
        )
      })
    })
}
