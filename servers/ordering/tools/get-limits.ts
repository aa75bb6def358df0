import { z } from 'zod'
import { getLimits } from '../../../src/purchasing/limits/get-limits.js'
import { defineTool, idSchema, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { listInView } from './list-in-view.js'

export const getLimitsTool = defineTool({
  name: 'get_limits',
  title: 'Get limits',
  description:
    'The limits on buying for a list and what is left of each now. place_order enforces them; nobody can raise them from here.',
  audience: 'agent',
  input: z.object({ list: idSchema.optional() }),
  output: z.object({
    list: z.string(),
    paused: z.boolean().describe('True: nothing can be ordered until a person resumes.'),
    limits: z.array(
      z.object({
        kind: z.string(),
        amount_minor: z.number().nullable(),
        value: z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]).nullable(),
        used_minor: z.number().nullable(),
        left_minor: z.number().nullable(),
        used_count: z.number().nullable(),
        left_count: z.number().nullable(),
        resets_at: z.string().nullable(),
      }),
    ),
    messages: messagesSchema,
  }),
  annotations: readsOnly,
  handle: async (ctx, input) => {
    const view = await getLimits(ctx, { list: listInView(ctx.caller, input.list) })
    return {
      list: view.list,
      paused: view.paused,
      limits: view.limits.map((limit) => ({
        kind: limit.kind,
        amount_minor: limit.amountMinor,
        value: typeof limit.value === 'object' && limit.value !== null ? [...limit.value] : limit.value,
        used_minor: limit.usedMinor,
        left_minor: limit.leftMinor,
        used_count: limit.usedCount,
        left_count: limit.leftCount,
        resets_at: limit.resetsAt?.toISOString() ?? null,
      })),
      messages: noMessages(),
    }
  },
})
