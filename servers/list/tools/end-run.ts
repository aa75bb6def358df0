import { z } from 'zod'
import { RefusalError } from '../../../src/platform/errors.js'
import { closeFence } from '../../../src/stock/fences.js'
import { defineTool, messagesSchema, noMessages, writesOnce } from '../../tool.js'

export const endRunTool = defineTool({
  name: 'end_run',
  title: 'End run',
  description:
    "For Restock's worker only: this run is over, and nothing on the list may be changed in its name any more.",
  audience: 'worker',
  input: z.object({}),
  output: z.object({ messages: messagesSchema }),
  annotations: writesOnce,
  async handle(ctx) {
    if (ctx.caller.kind !== 'run') {
      throw new RefusalError({ code: 'worker_only', severity: 'final', text: 'end_run needs the context of a run.' })
    }
    await closeFence(ctx, ctx.caller.run, ctx.caller.epoch)
    return { messages: noMessages() }
  },
})
