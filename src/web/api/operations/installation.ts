import { z } from '@hono/zod-openapi'
import { findAudit } from '../../../access/audit.js'
import { packageVersion } from '../../../config/paths.js'
import { findGlobalPause } from '../../../purchasing/limits/pause.js'
import { findOrders } from '../../../purchasing/orders/find-orders.js'
import { findRuns } from '../../../runs/find-runs.js'
import { countWorkers } from '../../../runs/workers.js'
import { findSchedules } from '../../../schedules/change-schedule.js'
import { operation } from '../operation.js'
import { pageOf, pageQuery, readCursor, toPage } from '../pages.js'
import { instant } from './shared.js'

const mostCounted = 200

const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']).openapi({ description: '`degraded`: `problems` says what needs somebody.' }),
    problems: z.array(z.string()),
    version: z.string(),
    queue: z.enum(['ok', 'away']),
    workers: z.int().openapi({ description: 'How many are at work, on any machine.' }),
    nextSlot: instant.nullable(),
    pausedForAllSince: instant.nullable(),
    ordersAwaitingApproval: z.int().openapi({ description: `Up to ${mostCounted}.` }),
    ordersNeedingAttention: z.int().openapi({ description: `Up to ${mostCounted}.` }),
    lastRun: z.object({ id: z.string(), list: z.string(), status: z.string(), createdAt: instant }).nullable(),
  })
  .openapi('Health')

const auditSchema = z
  .object({
    id: z.int(),
    at: instant,
    actorKind: z.enum(['local', 'session', 'token', 'cli', 'agent']),
    actor: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    result: z.enum(['done', 'refused', 'failed']),
    status: z.int().nullable(),
    details: z.unknown(),
  })
  .openapi('AuditEntry')

export const installationOperations = [
  operation({
    id: 'getHealth',
    method: 'get',
    path: '/health',
    scope: 'read',
    tag: 'installation',
    summary: 'Whether everything is at work, and what waits for somebody.',
    answer: healthSchema,
    work: async ({ ctx, queue }) => {
      const [workers, isQueueThere, schedules, pause, waiting, attention, [lastRun]] = await Promise.all([
        countWorkers(ctx),
        queue.check().then(
          () => true,
          () => false,
        ),
        findSchedules(ctx),
        findGlobalPause(ctx),
        findOrders(ctx, { status: 'awaiting_approval', limit: mostCounted }),
        findOrders(ctx, { attention: true, limit: mostCounted }),
        findRuns(ctx, { limit: 1 }),
      ])
      const slots = schedules.flatMap(({ nextSlot }) => (nextSlot === null ? [] : [nextSlot.getTime()]))
      const problems = [
        ...(isQueueThere ? [] : ['The queue does not answer: runs wait.']),
        ...(workers > 0 ? [] : ['No worker is at work: runs and orders wait.']),
        ...(pause === null ? [] : ['Buying is paused for every list.']),
        ...(attention.length === 0 ? [] : [`Orders that need a person: ${attention.length}.`]),
      ]
      return {
        status: problems.length === 0 ? ('ok' as const) : ('degraded' as const),
        problems,
        version: packageVersion,
        queue: isQueueThere ? ('ok' as const) : ('away' as const),
        workers,
        nextSlot: slots.length === 0 ? null : new Date(Math.min(...slots)),
        pausedForAllSince: pause?.since ?? null,
        ordersAwaitingApproval: waiting.length,
        ordersNeedingAttention: attention.length,
        lastRun: lastRun ?? null,
      }
    },
  }),
  operation({
    id: 'findAudit',
    method: 'get',
    path: '/audit',
    scope: 'admin',
    tag: 'installation',
    summary: 'Who changed what, the newest first: by API, pages, queue dashboard and tokens.',
    query: z.object({
      subject: z.string().max(300).optional(),
      actor: z.string().max(300).optional(),
      result: z.enum(['done', 'refused', 'failed']).optional(),
      ...pageQuery.shape,
    }),
    answer: pageOf(auditSchema),
    work: async ({ ctx, query: { limit, cursor, ...filter } }) => {
      const [beforeId] = readCursor(cursor, z.tuple([z.int()])) ?? []
      return toPage(await findAudit(ctx, { ...filter, beforeId, limit: limit + 1 }), limit, ({ id }) => [id])
    },
  }),
]
