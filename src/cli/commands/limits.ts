import type { Command } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { formatMoney } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { getLimits, type LimitsView, type LimitView } from '../../purchasing/limits/get-limits.js'
import { limitNames, parseLimit } from '../../purchasing/limits/limit-settings.js'
import { setLimit } from '../../purchasing/limits/list-limits.js'
import { everyList, findGlobalPause, pauseAllBuying } from '../../purchasing/limits/pause.js'
import { requireList } from '../../stock/lists.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { localTime, zonedTime } from '../terminal/local-time.js'
import { type Column, formatTable } from '../terminal/table.js'

export function registerLimits(program: Command, cli: Cli): void {
  const limits = program
    .command('limits')
    .description('What may be spent, enforced where orders are placed.')
    .addHelpText('after', '\nExample:\n  restock limits show\n  restock limits set per_month 2500')
  limits
    .command('show')
    .description("Show a list's limits and what is left of them.")
    .option('--list <list>', 'not needed when there is only one')
    .addHelpText('after', '\nExample:\n  restock limits show --list cafe')
    .action(async (options: { list?: string }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const list = await requireList(ctx, options.list)
        const view = await getLimits(ctx, { list: list.id })
        cli.answer(command, view, () => {
          const heading = headingOf(view, list.timeZone)
          const table = formatTable(view.limits, columns(view.currency ?? list.currency, list.timeZone), cli.io)
          return view.limits.length === 0 ? `${heading}\nNo limit is set.` : `${heading}\n${table}`
        })
      })
    })
  limits
    .command('set')
    .description(
      'Set one limit of a list; `none` removes it. Those that the configuration file names are changed there.',
    )
    .argument('<limit>', limitNames.join(', '))
    .argument('<value>', "an amount in the list's currency, a number, true, false, supplier ids, or none")
    .option('--list <list>', 'not needed when there is only one; * is the same as --all')
    .option('--all', 'every list: `paused` only')
    .addHelpText(
      'after',
      '\nExample:\n  restock limits set per_month 2500 --list cafe\n  restock limits set per_supplier.north-dairy.per_month 500\n  restock limits set --all paused true',
    )
    .action(async (kind: string, value: string, options: { list?: string; all?: boolean }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        if (options.all === true || options.list === everyList) {
          const pause = await setPauseForAll(ctx, kind, value, actorName(cli.io.env))
          cli.answer(
            command,
            { list: everyList, paused: pause !== null, pausedForAllSince: pause?.since ?? null },
            () =>
              pause === null
                ? 'Buying is not paused for every list any more; lists that are paused themselves stay so.'
                : 'Buying is PAUSED for every list: nothing is ordered, approved or sent.',
          )
          return
        }
        const { id, currency, timeZone } = await requireList(ctx, options.list)
        const limit = { list: id, currency, timeZone, kind, value: value === 'none' ? null : value }
        await setLimit(ctx, limit)
        const view = await getLimits(ctx, { list: id })
        const amountMinor = view.limits.find((found) => found.kind === kind)?.amountMinor ?? null
        const now = amountMinor === null ? value : formatMoney(amountMinor, currency)
        cli.answer(command, view, () => `${kind} of ${id} is ${value === 'none' ? 'not set any more' : `${now} now`}.`)
      })
    })
}

async function setPauseForAll(ctx: DomainContext, kind: string, value: string, by: string) {
  if (kind !== 'paused') {
    throw new InputError(`${kind}: only paused can be set for every list; the others belong to one list each (--list).`)
  }
  await pauseAllBuying(ctx, {
    paused: parseLimit(kind, value === 'none' ? 'false' : value, everyList, null) === true,
    by,
  })
  return findGlobalPause(ctx)
}

function headingOf(view: LimitsView, timeZone: string): string {
  if (view.pausedForAllSince !== null) {
    return `Buying is PAUSED for every list since ${zonedTime(view.pausedForAllSince, timeZone)}: nothing is ordered, approved or sent.`
  }
  return view.paused
    ? `Buying for ${view.list} is PAUSED: nothing is ordered, approved or sent.`
    : `Limits of ${view.list}:`
}

function columns(currency: string, timeZone: string): Column<LimitView>[] {
  const money = (amountMinor: number | null) => (amountMinor === null ? null : formatMoney(amountMinor, currency))
  const count = (value: number | null) => (value === null ? null : String(value))
  const written = (value: LimitView['value']) =>
    value === null ? null : Array.isArray(value) ? value.join(', ') : String(value)
  return [
    { title: 'limit', value: ({ kind }) => kind },
    {
      title: 'value',
      value: ({ amountMinor, value }) => money(amountMinor) ?? written(value),
      align: 'right',
      isFlexible: true,
    },
    { title: 'used', value: ({ usedMinor, usedCount }) => money(usedMinor) ?? count(usedCount), align: 'right' },
    { title: 'left', value: ({ leftMinor, leftCount }) => money(leftMinor) ?? count(leftCount), align: 'right' },
    { title: `whole again (${timeZone})`, value: ({ resetsAt }) => localTime(resetsAt, timeZone), isDetail: true },
    { title: 'set by', value: ({ source }) => source, isDetail: true },
  ]
}
