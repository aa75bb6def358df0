import { z } from 'zod'
import type { RunSnapshot } from '../runs/run.js'
import type { RunStep } from '../runs/run-steps.js'
import { listServer, orderingServer } from './mcp-servers.js'

/** A call at somebody else's server that may have changed something, or not: nobody can ask, and it was not made again. */
export interface DoubtfulWrite {
  readonly server: string
  readonly tool: string
  /** Items that the call seems to be about. Empty: it doesn't say. */
  readonly itemIds: readonly string[]
}

const requestSchema = z.object({
  server: z.string(),
  actor: z.string(),
  arguments: z.record(z.string(), z.unknown()),
})

/** Of the writes at servers that aren't ours, those without an answer. What ours did is seen in the orders themselves. */
export function findDoubtfulWrites(steps: readonly RunStep[], snapshot: RunSnapshot): DoubtfulWrite[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'tool' || !step.isWrite || step.response !== null) return []
    const request = requestSchema.safeParse(step.request).data
    if (request === undefined || request.actor !== 'agent') return []
    if (request.server === listServer || request.server === orderingServer) return []
    const text = JSON.stringify(request.arguments).toLowerCase()
    const itemIds = snapshot.items
      .filter(({ itemId, name }) => text.includes(itemId.toLowerCase()) || text.includes(name.toLowerCase()))
      .map(({ itemId }) => itemId)
    return [{ server: request.server, tool: step.name, itemIds }]
  })
}
