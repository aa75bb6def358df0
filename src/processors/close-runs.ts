import { listServer, orderingServer } from '../agent/mcp-servers.js'
import { workerTools } from '../agent/run-tools.js'
import { endRunSchema } from '../agent/tool-results.js'
import type { Run } from '../runs/run.js'
import { findUnfencedRuns, saveFenced } from '../runs/unfenced-runs.js'
import type { WorkerContext } from './context.js'

type Ended = Pick<Run, 'id' | 'list' | 'epoch' | 'dryRun'>

/** The worker's own tools that shut the door behind a run. A server that stands in for one of ours may not have them. */
const endTools = [
  [listServer, 'end_run'],
  [orderingServer, 'end_buying'],
] as const

/**
 * Tells both servers that nothing more comes of a run that has ended: its last claim is fenced off like those before it, so
 * that a worker that wakes up late, or whoever got hold of what signs its calls, can't write in its name. A run whose end was
 * recorded and that was not closed, since the worker died or a server was away, is closed by the next sync.
 */
export async function closeRun(ctx: WorkerContext, run: Ended): Promise<void> {
  try {
    const connections = await ctx.mcp.open()
    const context = { run: run.id, list: run.list, epoch: run.epoch, dryRun: run.dryRun }
    const tools = workerTools(connections, { context, secret: ctx.secret, clock: ctx.clock }, null)
    for (const [server, tool] of endTools) {
      const listed = await connections.find(({ name }) => name === server)?.open()
      if (listed?.some(({ name }) => name === tool)) await tools.call(server, tool, {}, endRunSchema)
    }
    await saveFenced(ctx, run.id)
  } catch (error) {
    ctx.log.warn({ err: error, run: run.id }, 'a run that ended could not be closed; the next sync will')
  }
}

/** Closes the runs that ended without being closed. */
export async function closeEndedRuns(ctx: WorkerContext): Promise<void> {
  for (const run of await findUnfencedRuns(ctx, { limit: 100 })) await closeRun(ctx, run)
}
