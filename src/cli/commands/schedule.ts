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
import { runScheduleNow, type StartedRun } from '../../schedules/run-schedule-now.js'
import { addSchedule, changeSchedule, type ScheduleChange } from '../../schedules/save-schedule.js'
import type { Schedule } from '../../schedules/schedule.js'
import { nextSlots } from '../../schedules/slots.js'
import { enqueueRun } from '../../schedules/sweep-runs.js'
import { requireList } from '../../stock/lists.js'
import type { Cli } from '../cli.js'
import { choiceOption, readChoice, readCount } from '../read-option.js'
import { localTime } from '../terminal/local-time.js'
import { type Column, formatFacts, formatTable } from '../terminal/table.js'

const misfires: readonly Schedule['misfire'][] = ['skip', 'run_once', 'run_all']
const overlaps: readonly Schedule['overlap'][] = ['skip', 'queue']

export function registerSchedule(program: Command, cli: Cli): void {
  const schedule = program
    .command('schedule')
    .description('Restock a list by itself, at the times of a cron expression.')
    .addHelpText('after', '\nExample:\n  restock schedule list\n  restock schedule pause cafe-nightly')
  registerAdd(schedule, cli)
  registerChange(schedule, cli)
  registerList(schedule, cli)
  registerNext(schedule, cli)
  registerRunNow(schedule, cli)

  const one = (name: string, description: string, work: (ctx: DomainContext, name: string) => Promise<Schedule>) =>
    schedule
      .command(name)
      .description(description)
      .argument('<name>', 'name of the schedule')
      .addHelpText('after', `\nExample:\n  restock schedule ${name} cafe-nightly`)
      .action(async (id: string, _options: unknown, command: Command) => {
        await cli.withApp(command, async ({ ctx }) => {
          const found = await work(ctx, id)
          cli.answer(command, { schedule: found }, () => describe(found, cli))
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

interface SettingOptions {
  readonly cron?: string
  readonly list?: string
  readonly timeZone?: string
  readonly instructions?: string
  readonly misfire?: string
  readonly overlap?: string
  readonly catchUpHours?: string
  readonly maxCatchUp?: string
  readonly jitterSeconds?: string
  readonly pauseAfterFailures?: string
}

function withSettings(command: Command): Command {
  return command
    .option('--list <list>', 'the list to restock; not needed when there is only one')
    .option('--time-zone <zone>', 'whose wall clock, such as Europe/Berlin; the time zone of the list by default')
    .option('--instructions <text>', 'what the model should bear in mind')
    .addOption(
      choiceOption('--misfire <rule>', 'slots that went by while nobody was there (run_once if not said)', misfires),
    )
    .addOption(
      choiceOption('--overlap <rule>', 'a slot that comes while a run is at work (skip if not said)', overlaps),
    )
    .option('--catch-up-hours <hours>', 'slots older than this are not made up for (24 if not said)')
    .option('--max-catch-up <count>', 'most slots that run_all makes up for (10 if not said)')
    .option('--jitter-seconds <seconds>', 'start up to so much later than the slot (0 if not said)')
    .option('--pause-after-failures <count>', 'pause after so many failed runs in a row; none: never (if not said)')
}

function registerAdd(schedule: Command, cli: Cli): void {
  withSettings(
    schedule
      .command('add')
      .description('Add a schedule.')
      .requiredOption('--name <name>', 'lower-case letters, digits, - and _')
      .requiredOption('--cron <cron>', 'when: minute hour day-of-month month day-of-week'),
  )
    .addHelpText('after', "\nExample:\n  restock schedule add --name cafe-nightly --list cafe --cron '0 5 * * *'")
    .action(async (options: SettingOptions & { name: string; cron: string }, command: Command) => {
      if (!idPattern.test(options.name)) {
        throw new InputError(
          `--name: "${options.name}" can't be a name; use lower-case letters, digits, - and _, at most 40.`,
        )
      }
      const settings = readSettings(options)
      await cli.withApp(command, async ({ ctx }) => {
        const list = await requireList(ctx, options.list)
        const added = await addSchedule(ctx, {
          misfire: 'run_once',
          overlap: 'skip',
          instructions: null,
          ...settings,
          name: options.name,
          cron: options.cron,
          list: list.id,
          timeZone: options.timeZone ?? list.timeZone,
          isPaused: false,
        })
        cli.answer(command, { schedule: added }, () => describe(added, cli))
      })
    })
}

function registerChange(schedule: Command, cli: Cli): void {
  withSettings(
    schedule
      .command('change')
      .description('Change a schedule; what is not given stays.')
      .argument('<name>', 'name of the schedule')
      .option('--cron <cron>', 'when: minute hour day-of-month month day-of-week'),
  )
    .addHelpText(
      'after',
      "\nExample:\n  restock schedule change cafe-nightly --cron '0 4 * * *' \\\n    --pause-after-failures 3",
    )
    .action(async (name: string, options: SettingOptions, command: Command) => {
      const settings = readSettings(options)
      await cli.withApp(command, async ({ ctx }) => {
        const list = options.list === undefined ? {} : { list: (await requireList(ctx, options.list)).id }
        const changed = await changeSchedule(ctx, name, { ...settings, ...list })
        cli.answer(command, { schedule: changed }, () => describe(changed, cli))
      })
    })
}

/** What was given on the command line, checked. The list is for the database to know. */
function readSettings(options: SettingOptions): Omit<ScheduleChange, 'list'> {
  if (options.cron !== undefined && !isCron(options.cron)) {
    throw new InputError(`--cron: "${options.cron}" is not a cron expression; "0 6 * * 1-5" is 6:00 on weekdays.`)
  }
  if (options.timeZone !== undefined && !isTimeZone(options.timeZone)) {
    throw new InputError(`--time-zone: "${options.timeZone}" is not a time zone; write one such as Europe/Berlin.`)
  }
  if ((options.instructions?.length ?? 0) > 2_000) {
    throw new InputError('--instructions: the text is too long; at most 2000 characters are possible.')
  }
  const count = (name: string, text: string | undefined, max: number, min = 1) =>
    text === undefined ? undefined : readCount(name, text, { min, max })
  const hours = count('--catch-up-hours', options.catchUpHours, 8_760, 0)
  const seconds = count('--jitter-seconds', options.jitterSeconds, 86_400, 0)
  const settings = {
    cron: options.cron,
    timeZone: options.timeZone,
    instructions: options.instructions,
    misfire: options.misfire === undefined ? undefined : readChoice('--misfire', options.misfire, misfires),
    overlap: options.overlap === undefined ? undefined : readChoice('--overlap', options.overlap, overlaps),
    catchUpWindowMs: hours === undefined ? undefined : hours * 3_600_000,
    maxCatchUp: count('--max-catch-up', options.maxCatchUp, 100),
    jitterMs: seconds === undefined ? undefined : seconds * 1_000,
    pauseAfterFailures:
      options.pauseAfterFailures === 'none' ? null : count('--pause-after-failures', options.pauseAfterFailures, 1_000),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function registerRunNow(schedule: Command, cli: Cli): void {
  schedule
    .command('run-now')
    .description('Start a run of a schedule now; its next slot stays, unless the run is to stand for it.')
    .argument('<name>', 'name of the schedule')
    .option('--instead-of-next', 'the run stands for the next slot, which does not come again')
    .addHelpText('after', '\nExample:\n  restock schedule run-now cafe-nightly --instead-of-next')
    .action(async (name: string, options: { insteadOfNext?: boolean }, command: Command) => {
      await cli.withApp(command, async (app) => {
        await app.queue().check()
        const started = await runScheduleNow(app.ctx, { name, insteadOfNext: options.insteadOfNext === true })
        if (started.isNew) await enqueueRun(app.queue(), { id: started.runId, epoch: 0 })
        const schedule = await getSchedule(app.ctx, name)
        const json = { run: { id: started.runId, isNew: started.isNew, slot: started.slot }, schedule }
        cli.answer(command, json, () => describeStarted(started, schedule))
      })
    })
}

function describeStarted({ runId, isNew, slot }: StartedRun, schedule: Schedule): string {
  const next = schedule.nextSlot === null ? '' : ` Next slot: ${localTime(schedule.nextSlot, schedule.timeZone)}.`
  if (!isNew) return `Run ${runId} of ${schedule.name} is waiting or at work already; no other was started.${next}`
  const stands = slot === null ? '' : `, and stands for the slot of ${localTime(slot, schedule.timeZone)}`
  return `Run ${runId} of ${schedule.name} is queued${stands}.${next}`
}

const columns: readonly Column<Schedule>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'list', value: ({ list }) => list },
  { title: 'cron', value: ({ cron }) => cron },
  { title: 'time zone', value: ({ timeZone }) => timeZone, isDetail: true },
  {
    title: 'next (there)',
    value: ({ nextSlot, pausedAt, timeZone }) => (pausedAt === null ? localTime(nextSlot, timeZone) : 'paused'),
    role: ({ pausedAt }) => (pausedAt === null ? null : 'warn'),
  },
  { title: 'missed', value: ({ missedSlots }) => missedSlots, isDetail: true },
  { title: 'from', value: ({ source }) => source, isDetail: true },
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
  { title: 'UTC', value: ({ slot }) => slot.toISOString(), isDetail: true },
]

function describe(schedule: Schedule, cli: Cli): string {
  const at = (instant: Date | null) => localTime(instant, schedule.timeZone)
  return formatFacts(
    [
      ['name', schedule.name],
      ['list', schedule.list],
      ['cron', schedule.cron],
      ['time zone', schedule.timeZone],
      ['next slot', schedule.pausedAt === null ? at(schedule.nextSlot) : null],
      ['paused since', at(schedule.pausedAt), 'warn'],
      ['paused because', schedule.pausedReason],
      ['last slot', at(schedule.lastSlot)],
      ['missed slots', schedule.missedSlots],
      ['misfire', describeMisfire(schedule)],
      ['overlap', schedule.overlap],
      ['jitter', schedule.jitterMs === 0 ? null : `${schedule.jitterMs / 1_000} s`],
      ['pause after', describeFailures(schedule.pauseAfterFailures)],
      ['instructions', schedule.instructions],
      ['comes from', schedule.source === 'file' ? 'the configuration file' : 'a person'],
    ],
    cli.io,
  )
}

function describeMisfire({ misfire, maxCatchUp, catchUpWindowMs }: Schedule): string {
  if (misfire === 'skip') return misfire
  const within = `within ${Math.round(catchUpWindowMs / 36_000) / 100} h`
  return misfire === 'run_once' ? `run_once, ${within}` : `run_all, at most ${maxCatchUp}, ${within}`
}

function describeFailures(count: number | null): string | null {
  if (count === null) return null
  return count === 1 ? '1 failed run' : `${count} failed runs in a row`
}
