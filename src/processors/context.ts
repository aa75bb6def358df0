import type { JobName, JobPayload } from '../../jobs/index.js'
import type { McpPool } from '../agent/mcp-servers.js'
import type { ModelFactory } from '../agent/models/index.js'
import type { Config } from '../config/config.js'
import type { DomainContext } from '../platform/context.js'
import type { EnqueueOptions, JobHandler } from '../platform/queue.js'
import type { Channels } from '../purchasing/channels/index.js'

/** What processors may use: the domain's context, the agent's connections and models, and the queue to pass work on. */
export interface WorkerContext extends DomainContext {
  readonly config: Pick<Config, 'worker' | 'model'>
  /** How orders reach their suppliers; absent: by the channels that need no settings. */
  readonly channels?: Channels
  /** Who claims runs: unique for each process. */
  readonly workerId: string
  readonly mcp: McpPool
  readonly models: ModelFactory
  enqueue<Name extends JobName>(name: Name, payload: JobPayload<Name>, options?: EnqueueOptions): Promise<void>
}

/** What a job does, as a function of the context, the payload and the attempt. */
export type Processor<Name extends JobName> = (
  ctx: WorkerContext,
  ...args: Parameters<JobHandler<Name>>
) => ReturnType<JobHandler<Name>>
