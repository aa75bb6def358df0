import type { Command } from 'commander'
import { idPattern, isCron, isTimeZone } from '../../config/config-file.js'
import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import {
  findSchedules,
  getSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
} from '../../schedules/change-schedule.js'
import { addSchedule, type ScheduleDefinition } from '../../schedules/save-schedule.js'
import type { Schedule } from '../../schedules/schedule.js'
import { nextSlots } from '../../schedules/slots.js'
import { requireList } from '../../stock/lists.js'
import type { Cli } from '../cli.js'
import { localTime } from '../local-time.js'
import { readChoice, readCount } from '../read-option.js'
import { type Column, formatFacts, formatTable } from '../table.js'

const misfires: readonly Schedule['misfire'][] = ['skip', 'run_once', 'run_all']
const overlaps: readonly Schedule['overlap'][] = ['skip', 'queue']

export function registerSchedule(program: Command, cli: Cli): void {
  const schedule = program
    .command('schedule')
    .description('Restock a list by itself, at the times of a cron expression.')
  registerAdd(schedule, cli)
  registerList(schedule, cli)
  registerNext(schedule, cli)

  const one = (name: string, description: string, work: (ctx: DomainContext, name: string) => Promise<Schedule>) =>
    schedule
      .command(name)
      .description(description)
      .argument('<name>', 'name of the schedule')
      .addHelpText('after', `\nExample:\n  restock schedule ${name} cafe-nightly`)
      .action(async (id: string, _options: unknown, command: Command) => {
        await cli.withApp(command, async ({ ctx }) => {
          const found = await work(ctx, id)
          cli.answer(command, { schedule: found }, () => describe(found))
        })
      })
  one('show', 'Show one schedule.', getSchedule)
  one('pause', 'Stop a schedule until it is resumed.', pauseSchedule)
  one(
    'resume',
    'Go on with a paused schedule from its next slot; what went by meanwhile is not made up for.',
    resumeSchedule,
  )

  schedule
    .command('remove')
    .description('Remove a schedule; its runs stay.')
    .argument('<name>', 'name of the schedule')
    .addHelpText('after', '\nExample:\n  restock schedule remove cafe-nightly')
    .action(async (name: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        await removeSchedule(ctx, name)
        cli.answer(command, { removed: name }, () => `The schedule "${name}" is removed; its runs stay.`)
      })
    })
}

interface AddOptions {
  readonly name: string
  readonly cron: string
  readonly list?: string
  readonly timeZone?: string
  readonly instructions?: string
  readonly misfire: string
  readonly overlap: string
}

function registerAdd(schedule: Command, cli: Cli): void {
  schedule
    .command('add')
    .description('Add a schedule.')
    .requiredOption('--name <name>', 'lower-case letters, digits, - and _')
    .requiredOption('--cron <cron>', 'when: minute hour day-of-month month day-of-week')
    .option('--list <list>', 'the list to restock; not needed when there is only one')
    .option('--time-zone <zone>', 'whose wall clock, such as Europe/Berlin; the time zone of the list by default')
    .option('--instructions <text>', 'what the model should bear in mind')
    .option('--misfire <rule>', `slots that went by while nobody was there: ${misfires.join(', ')}`, 'run_once')
    .option('--overlap <rule>', `a slot that comes while a run is at work: ${overlaps.join(', ')}`, 'skip')
    .addHelpText('after', "\nExample:\n  restock schedule add --name cafe-nightly --list cafe --cron '0 5 * * *'")
    .action(async (options: AddOptions, command: Command) => {
      const checked = checkOptions(options)
      await cli.withApp(command, async ({ ctx }) => {
        const list = await requireList(ctx, options.list)
        const added = await addSchedule(ctx, {
          ...checked,
          list: list.id,
          timeZone: options.timeZone ?? list.timeZone,
          isPaused: false,
        })
        cli.answer(command, { schedule: added }, () => describe(added))
      })
    })
}

function checkOptions(options: AddOptions): Omit<ScheduleDefinition, 'list' | 'timeZone' | 'isPaused'> {
  if (!idPattern.test(options.name)) {
    throw new InputError(
      `--name: "${options.name}" can't be a name; use lower-case letters, digits, - and _, at most 40.`,
    )
  }
  if (!isCron(options.cron)) {
    throw new InputError(`--cron: "${options.cron}" is not a cron expression; "0 6 * * 1-5" is 6:00 on weekdays.`)
  }
  if (options.timeZone !== undefined && !isTimeZone(options.timeZone)) {
    throw new InputError(`--time-zone: "${options.timeZone}" is not a time zone; write one such as Europe/Berlin.`)
  }
  if ((options.instructions?.length ?? 0) > 2_000) {
    throw new InputError('--instructions: the text is too long; at most 2000 characters are possible.')
  }
  return {
    name: options.name,
    cron: options.cron,
    misfire: readChoice('--misfire', options.misfire, misfires),
    overlap: readChoice('--overlap', options.overlap, overlaps),
    instructions: options.instructions ?? null,
  }
}

const columns: readonly Column<Schedule>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'list', value: ({ list }) => list },
  { title: 'cron', value: ({ cron }) => cron },
  { title: 'time zone', value: ({ timeZone }) => timeZone },
  {
    title: 'next (there)',
    value: ({ nextSlot, pausedAt, timeZone }) => (pausedAt === null ? localTime(nextSlot, timeZone) : 'paused'),
  },
  { title: 'missed', value: ({ missedSlots }) => missedSlots },
  { title: 'from', value: ({ source }) => source },
]

function registerList(schedule: Command, cli: Cli): void {
  schedule
    .command('list')
    .description('List schedules, with when each is due next.')
    .addHelpText('after', '\nExample:\n  restock schedule list')
    .action(async (_options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const schedules = await findSchedules(ctx)
        cli.answer(command, { schedules }, () =>
          schedules.length === 0
            ? 'There are no schedules yet; `restock schedule add` makes one.'
            : formatTable(schedules, columns, cli.io),
        )
      })
    })
}

function registerNext(schedule: Command, cli: Cli): void {
  schedule
    .command('next')
    .description('Show the slots that come next: of one schedule, or of all, soonest first.')
    .argument('[name]', 'name of the schedule')
    .option('--count <count>', 'how many', '5')
    .addHelpText('after', '\nExample:\n  restock schedule next cafe-nightly --count 10')
    .action(async (name: string | undefined, options: { count: string }, command: Command) => {
      const count = readCount('--count', options.count, { min: 1, max: 1_000 })
      await cli.withApp(command, async ({ ctx }) => {
        const schedules = name === undefined ? await findSchedules(ctx) : [await getSchedule(ctx, name)]
        const slots = comingSlots(schedules, ctx.clock.now(), count)
        const json = slots.map(({ schedule: { name: of, timeZone }, slot }) => ({
          schedule: of,
          slot: slot.toISOString(),
          timeZone,
        }))
        cli.answer(command, { slots: json }, () =>
          slots.length === 0 ? noSlots(schedules) : formatTable(slots, slotColumns, cli.io),
        )
      })
    })
}

interface ComingSlot {
  readonly schedule: Schedule
  readonly slot: Date
}

/** A paused schedule has no slots. */
function comingSlots(schedules: readonly Schedule[], now: Date, count: number): ComingSlot[] {
  return schedules
    .filter(({ pausedAt }) => pausedAt === null)
    .flatMap((schedule) => nextSlots(schedule.cron, schedule.timeZone, now, count).map((slot) => ({ schedule, slot })))
    .sort((a, b) => a.slot.getTime() - b.slot.getTime())
    .slice(0, count)
}

function noSlots(schedules: readonly Schedule[]): string {
  const [only] = schedules
  if (only === undefined) return 'There are no schedules yet; `restock schedule add` makes one.'
  return schedules.length === 1
    ? `The schedule "${only.name}" is paused; \`restock schedule resume ${only.name}\` goes on with it.`
    : 'All schedules are paused.'
}

const slotColumns: readonly Column<ComingSlot>[] = [
  { title: 'schedule', value: ({ schedule }) => schedule.name },
  { title: 'slot', value: ({ schedule, slot }) => localTime(slot, schedule.timeZone) },
  { title: 'time zone', value: ({ schedule }) => schedule.timeZone },
  { title: 'UTC', value: ({ slot }) => slot.toISOString() },
]

function describe(schedule: Schedule): string {
  const at = (instant: Date | null) => localTime(instant, schedule.timeZone)
  return formatFacts([
    ['name', schedule.name],
    ['list', schedule.list],
    ['cron', schedule.cron],
    ['time zone', schedule.timeZone],
    ['next slot', schedule.pausedAt === null ? at(schedule.nextSlot) : null],
    ['paused since', at(schedule.pausedAt)],
    ['last slot', at(schedule.lastSlot)],
    ['missed slots', schedule.missedSlots],
    ['misfire', schedule.misfire],
    ['overlap', schedule.overlap],
    ['instructions', schedule.instructions],
    ['comes from', schedule.source === 'file' ? 'the configuration file' : 'a person'],
  ])
}
