import { z } from '@hono/zod-openapi'
import { createRun } from '../../../runs/create-run.js'
import { findRuns, getRun } from '../../../runs/find-runs.js'
import { withLiveOrders } from '../../../runs/live-orders.js'
import { toRunReport } from '../../../runs/run-report.js'
import { readSteps } from '../../../runs/run-steps.js'
import { enqueueRun } from '../../../schedules/sweep-runs.js'
import { requireList } from '../../../stock/lists.js'
import { operation } from '../operation.js'
import { pageOf, pageQuery, readCursor, toPage } from '../pages.js'
import { runReportSchema, runStatusSchema, runStepSchema, runSummarySchema, toRunSummary } from './run-schemas.js'
import { listId } from './shared.js'

const params = z.object({ run: z.string().min(1).max(64).openapi({ description: 'Its id; `latest` is the newest.' }) })

export const runOperations = [
  operation({
    id: 'findRuns',
    method: 'get',
    path: '/runs',
    scope: 'read',
    tag: 'runs',
    summary: 'Runs, the newest first.',
    query: z.object({ list: listId.optional(), status: runStatusSchema.optional(), ...pageQuery.shape }),
    answer: pageOf(runSummarySchema),
    work: async ({ ctx, query: { limit, status, ...query } }) => {
      const list = query.list === undefined ? undefined : (await requireList(ctx, query.list)).id
      const [createdAt, id] = readCursor(query.cursor, z.tuple([z.iso.datetime(), z.string()])) ?? []
      const runs = await findRuns(ctx, {
        limit: limit + 1,
        ...(list === undefined ? {} : { list }),
        ...(status === undefined ? {} : { status }),
        ...(createdAt === undefined || id === undefined ? {} : { before: { createdAt: new Date(createdAt), id } }),
      })
      const { items, nextCursor } = toPage(runs, limit, (run) => [run.createdAt, run.id])
      return { items: items.map(toRunSummary), nextCursor }
    },
  }),
  operation({
    id: 'getRun',
    method: 'get',
    path: '/runs/{run}',
    scope: 'read',
    tag: 'runs',
    summary: 'One run: every item with its decision and reason, and its orders as they stand now.',
    params,
    answer: runReportSchema,
    work: async ({ ctx, params: { run } }) => toRunReport(await withLiveOrders(ctx, await getRun(ctx, run))),
  }),
  operation({
    id: 'startRun',
    method: 'post',
    path: '/runs',
    scope: 'run',
    tag: 'runs',
    summary: 'Start a run now: work out what is due and order it, inside the limits.',
    status: 202,
    body: z.strictObject({
      list: listId.optional(),
      instructions: z.string().max(2_000).optional().openapi({ description: 'What the model should bear in mind.' }),
      dryRun: z.boolean().default(false).openapi({
        description: 'Show what would be ordered, and what the limits would say to it, and order nothing.',
      }),
    }),
    answer: runReportSchema,
    work: async ({ ctx, queue, body, afterCommit }) => {
      const { id: list } = await requireList(ctx, body.list)
      const run = await createRun(ctx, { list, instructions: body.instructions ?? null, dryRun: body.dryRun })
      afterCommit(() => enqueueRun(queue, run))
      return toRunReport(run)
    },
  }),
  operation({
    id: 'findRunSteps',
    method: 'get',
    path: '/runs/{run}/steps',
    scope: 'read',
    tag: 'runs',
    summary: 'What a run did, step by step: model calls and tool calls with their arguments and results.',
    params,
    query: pageQuery,
    answer: pageOf(runStepSchema),
    work: async ({ ctx, params, query: { limit, cursor } }) => {
      const run = await getRun(ctx, params.run)
      const [epoch, step] = readCursor(cursor, z.tuple([z.int(), z.int()])) ?? [0, -1]
      const rest = (await readSteps(ctx, run.id)).filter(
        (each) => each.epoch > epoch || (each.epoch === epoch && each.step > step),
      )
      return toPage(rest.slice(0, limit + 1), limit, (each) => [each.epoch, each.step])
    },
  }),
]
