import { z } from 'zod'
import { RefusalError } from '../../../src/platform/errors.js'
import { closeFence } from '../../../src/purchasing/fences.js'
import { defineTool, messagesSchema, noMessages, writesOnce } from '../../tool.js'

export const endBuyingTool = defineTool({
  name: 'end_buying',
  title: 'End buying',
  description: 'For the worker: this run is over, and nothing may be quoted or bought in its name any more.',
  audience: 'worker',
  input: z.object({}),
  output: z.object({ messages: messagesSchema }),
  annotations: writesOnce,
  handle: async (ctx) => {
    if (ctx.caller.kind !== 'run') {
      throw new RefusalError({ code: 'worker_only', severity: 'final', text: 'end_buying needs the context of a run.' })
    }
    await closeFence(ctx, ctx.caller.run, ctx.caller.epoch)
    return { messages: noMessages() }
  },
})
