import { z } from '@hono/zod-openapi'
import type { DomainContext } from '../../../platform/context.js'
import { getLimits } from '../../../purchasing/limits/get-limits.js'
import { setLimit } from '../../../purchasing/limits/list-limits.js'
import { everyList, findGlobalPause, pauseAllBuying } from '../../../purchasing/limits/pause.js'
import { requireList } from '../../../stock/lists.js'
import { operation } from '../operation.js'
import { instant, listId, minor, ofList } from './shared.js'

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable()

const limitsSchema = z
  .object({
    list: z.string(),
    currency: z.string().nullable(),
    paused: z.boolean(),
    pausedForAllSince: instant.nullable(),
    source: z.enum(['file', 'person']),
    limits: z.array(
      z.object({
        kind: z.string(),
        amountMinor: minor.nullable(),
        value: valueSchema,
        usedMinor: minor.nullable(),
        leftMinor: minor.nullable(),
        usedCount: z.int().nullable(),
        leftCount: z.int().nullable(),
        resetsAt: instant.nullable(),
      }),
    ),
  })
  .openapi('Limits')

async function set(ctx: DomainContext, asked: string | undefined, kind: string, value: unknown) {
  const { id: list, currency, timeZone } = await requireList(ctx, asked)
  await setLimit(ctx, { list, currency, timeZone, kind, value })
  return getLimits(ctx, { list })
}

export const limitOperations = [
  operation({
    id: 'getLimits',
    method: 'get',
    path: '/limits',
    scope: 'read',
    tag: 'limits',
    summary: "A list's limits and what is left of them.",
    query: ofList,
    answer: limitsSchema,
    work: async ({ ctx, query }) => getLimits(ctx, { list: (await requireList(ctx, query.list)).id }),
  }),
  operation({
    id: 'setLimit',
    method: 'put',
    path: '/limits/{list}/{limit}',
    scope: 'admin',
    tag: 'limits',
    summary: 'Set one limit of a list; null removes it. Limits from the configuration file are changed there.',
    params: z.object({
      list: listId,
      limit: z.string().min(1).max(80).openapi({ example: 'per_month' }),
    }),
    body: z.strictObject({
      value: z
        .union([z.string().max(1_000), z.number(), z.boolean(), z.array(z.string().max(40)).max(200)])
        .nullable()
        .openapi({
          description: "An amount in major units of the list's currency, a number, a flag, or supplier ids.",
        }),
    }),
    answer: limitsSchema,
    work: ({ ctx, params, body }) => set(ctx, params.list, params.limit, body.value),
  }),
  operation({
    id: 'pauseBuying',
    method: 'put',
    path: '/pause',
    scope: 'admin',
    tag: 'limits',
    summary: 'Stop or resume all buying, of one list or of every list (`*`).',
    body: z.strictObject({ list: listId, paused: z.boolean() }),
    answer: z.object({ list: z.string(), paused: z.boolean(), pausedForAllSince: instant.nullable() }),
    work: async ({ ctx, body: { list, paused }, by }) => {
      if (list !== everyList) {
        const view = await set(ctx, list, 'paused', paused)
        return { list: view.list, paused: view.paused, pausedForAllSince: view.pausedForAllSince }
      }
      await pauseAllBuying(ctx, { paused, by })
      const pause = await findGlobalPause(ctx)
      return { list, paused: pause !== null, pausedForAllSince: pause?.since ?? null }
    },
  }),
]
