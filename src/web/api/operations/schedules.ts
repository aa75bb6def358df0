import { z } from '@hono/zod-openapi'
import { isCron, isTimeZone } from '../../../config/config-file.js'
import { createRun } from '../../../runs/create-run.js'
import { toRunReport } from '../../../runs/run-report.js'
import {
  findSchedules,
  getSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
} from '../../../schedules/change-schedule.js'
import { addSchedule, changeSchedule } from '../../../schedules/save-schedule.js'
import { nextSlots } from '../../../schedules/slots.js'
import { enqueueRun } from '../../../schedules/sweep-runs.js'
import { requireList } from '../../../stock/lists.js'
import { operation } from '../operation.js'
import { pageInHand, pageOf, pageQuery } from '../pages.js'
import { runReportSchema } from './run-schemas.js'
import { instant, listId } from './shared.js'

const scheduleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    list: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    instructions: z.string().nullable(),
    misfire: z.enum(['skip', 'run_once', 'run_all']),
    overlap: z.enum(['skip', 'queue']),
    catchUpWindowMs: z.int(),
    maxCatchUp: z.int(),
    jitterMs: z.int(),
    pauseAfterFailures: z.int().nullable(),
    pausedAt: instant.nullable(),
    pausedReason: z.string().nullable(),
    source: z.enum(['file', 'person']),
    nextSlot: instant.nullable(),
    lastSlot: instant.nullable(),
    missedSlots: z.int(),
  })
  .openapi('Schedule')

const answer = z.object({ schedule: scheduleSchema })
const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'has lower-case letters, digits, - and _, at most 40')
const params = z.object({ schedule: z.string().min(1).max(60).openapi({ description: 'Its name.' }) })

const cron = z
  .string()
  .max(120)
  .refine(isCron, 'is no cron expression; "0 6 * * 1-5" is 6:00 on weekdays')
  .openapi({ example: '0 6 * * 1-5' })
const timeZone = z
  .string()
  .max(64)
  .refine((text) => text !== '' && isTimeZone(text), 'is no time zone; write one such as Europe/Berlin')
  .openapi({ example: 'Europe/Berlin' })

/** What of a schedule a person may say and change. */
const settings = {
  list: listId.optional(),
  timeZone: timeZone.optional().openapi({ description: "The list's unless said otherwise." }),
  instructions: z.string().max(2_000).nullable().optional(),
  misfire: z.enum(['skip', 'run_once', 'run_all']).optional(),
  overlap: z.enum(['skip', 'queue']).optional(),
  catchUpWindowMs: z.int().min(0).max(31_536_000_000).optional(),
  maxCatchUp: z.int().min(1).max(100).optional(),
  jitterMs: z.int().min(0).max(86_400_000).optional(),
  pauseAfterFailures: z.int().min(1).max(1_000).nullable().optional(),
}

export const scheduleOperations = [
  operation({
    id: 'findSchedules',
    method: 'get',
    path: '/schedules',
    scope: 'read',
    tag: 'schedules',
    summary: 'All schedules, by name.',
    query: pageQuery,
    answer: pageOf(scheduleSchema),
    work: async ({ ctx, query }) => pageInHand(await findSchedules(ctx), query, (schedule) => schedule.name),
  }),
  operation({
    id: 'getSchedule',
    method: 'get',
    path: '/schedules/{schedule}',
    scope: 'read',
    tag: 'schedules',
    summary: 'One schedule.',
    params,
    answer,
    work: async ({ ctx, params: { schedule } }) => ({ schedule: await getSchedule(ctx, schedule) }),
  }),
  operation({
    id: 'findNextSlots',
    method: 'get',
    path: '/schedules/{schedule}/next',
    scope: 'read',
    tag: 'schedules',
    summary: 'The slots that come next. A paused schedule has none.',
    params,
    query: z.object({ count: z.coerce.number().int().min(1).max(100).default(5) }),
    answer: z.object({ slots: z.array(z.object({ schedule: z.string(), slot: instant, timeZone: z.string() })) }),
    work: async ({ ctx, params, query: { count } }) => {
      const schedule = await getSchedule(ctx, params.schedule)
      const slots =
        schedule.pausedAt === null ? nextSlots(schedule.cron, schedule.timeZone, ctx.clock.now(), count) : []
      return { slots: slots.map((slot) => ({ schedule: schedule.name, slot, timeZone: schedule.timeZone })) }
    },
  }),
  operation({
    id: 'addSchedule',
    method: 'post',
    path: '/schedules',
    scope: 'admin',
    tag: 'schedules',
    summary: 'Add a schedule.',
    status: 201,
    body: z.strictObject({ name, cron, ...settings, isPaused: z.boolean().default(false) }),
    answer,
    work: async ({ ctx, body }) => {
      const list = await requireList(ctx, body.list)
      const schedule = await addSchedule(ctx, {
        ...body,
        list: list.id,
        timeZone: body.timeZone ?? list.timeZone,
        misfire: body.misfire ?? 'run_once',
        overlap: body.overlap ?? 'skip',
        instructions: body.instructions ?? null,
      })
      return { schedule }
    },
  }),
  operation({
    id: 'changeSchedule',
    method: 'patch',
    path: '/schedules/{schedule}',
    scope: 'admin',
    tag: 'schedules',
    summary: 'Change a schedule that was added by hand: what is given is set, the rest stays.',
    params,
    body: z.strictObject({ cron: cron.optional(), ...settings }),
    answer,
    work: async ({ ctx, params, body: { list, ...changes } }) => {
      const listed = list === undefined ? {} : { list: (await requireList(ctx, list)).id }
      return { schedule: await changeSchedule(ctx, params.schedule, { ...given(changes), ...listed }) }
    },
  }),
  operation({
    id: 'removeSchedule',
    method: 'delete',
    path: '/schedules/{schedule}',
    scope: 'admin',
    tag: 'schedules',
    summary: 'Remove a schedule that was added by hand; its runs stay.',
    params,
    answer: z.object({ removed: z.string() }),
    work: async ({ ctx, params: { schedule } }) => {
      await removeSchedule(ctx, schedule)
      return { removed: schedule }
    },
  }),
  operation({
    id: 'pauseSchedule',
    method: 'post',
    path: '/schedules/{schedule}/pause',
    scope: 'admin',
    tag: 'schedules',
    summary: 'Stop a schedule until it is resumed.',
    params,
    answer,
    work: async ({ ctx, params: { schedule } }) => ({ schedule: await pauseSchedule(ctx, schedule) }),
  }),
  operation({
    id: 'resumeSchedule',
    method: 'post',
    path: '/schedules/{schedule}/resume',
    scope: 'admin',
    tag: 'schedules',
    summary: 'Go on with a paused schedule from its next slot.',
    params,
    answer,
    work: async ({ ctx, params: { schedule } }) => ({ schedule: await resumeSchedule(ctx, schedule) }),
  }),
  operation({
    id: 'runSchedule',
    method: 'post',
    path: '/schedules/{schedule}/run',
    scope: 'run',
    tag: 'schedules',
    summary: 'Start a run now, for the list and with the instructions of a schedule.',
    status: 202,
    params,
    answer: runReportSchema,
    work: async ({ ctx, queue, params, afterCommit }) => {
      const { list, instructions } = await getSchedule(ctx, params.schedule)
      const run = await createRun(ctx, { list, instructions })
      afterCommit(() => enqueueRun(queue, run))
      return toRunReport(run)
    },
  }),
]

function given<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [Key in keyof T]: Exclude<T[Key], undefined> }
}
