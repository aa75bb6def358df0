import { z } from 'zod'
import { RefusalError } from '../../../src/platform/errors.js'
import { beginRun } from '../../../src/stock/begin-run.js'
import { defineTool, messagesSchema, noMessages, writesOnce } from '../../tool.js'
import { needItemSchema, toNeedItem } from './need-item.js'

export const beginRunTool = defineTool({
  name: 'begin_run',
  title: 'Begin run',
  description:
    "For Restock's worker only: hands the list to this claim of a run, shuts out older claims, and returns everything that is due.",
  audience: 'worker',
  input: z.object({}),
  output: z.object({
    list: z.string(),
    currency: z.string(),
    time_zone: z.string(),
    as_of: z.string(),
    items: z.array(needItemSchema.extend({ version: z.string().describe('Changes when a person changes the item') })),
    top_ups: z.array(needItemSchema).describe('What is not due, but may be bought along'),
    messages: messagesSchema,
  }),
  annotations: writesOnce,
  async handle(ctx) {
    if (ctx.caller.kind !== 'run') {
      throw new RefusalError({ code: 'worker_only', severity: 'final', text: 'begin_run needs the context of a run.' })
    }
    const start = await beginRun(ctx, ctx.caller)
    return {
      list: start.list,
      currency: start.currency,
      time_zone: start.timeZone,
      as_of: start.asOf.toISOString(),
      items: start.items.map((item) => ({ ...toNeedItem(item), version: item.version })),
      top_ups: start.topUps.map(toNeedItem),
      messages: noMessages(),
    }
  },
})
