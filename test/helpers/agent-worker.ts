import type { Model } from '@openai/agents'
import type { McpServerConfig } from '../../src/agent/mcp-servers.js'
import { createMcpPool } from '../../src/agent/mcp-servers.js'
import type { ChosenModel, ModelFactory } from '../../src/agent/models/index.js'
import { RulesModel } from '../../src/agent/models/rules.js'
import { createClock, type DomainContext } from '../../src/platform/context.js'
import type { JobAttempt } from '../../src/platform/queue.js'
import type { WorkerContext } from '../../src/processors/context.js'
import { replenish } from '../../src/processors/replenish.js'
import { createRun, type NewRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import type { Run } from '../../src/runs/run.js'

export interface AgentWorker {
  readonly ctx: WorkerContext
  /** What was put into the queue. */
  readonly queued: { readonly name: string; readonly payload: unknown }[]
  /** Makes a run and works on it until its job has nothing left to do. */
  run(newRun?: Partial<NewRun>): Promise<Run>
  /** One attempt of the job at a run that exists. */
  attempt(runId: string, job?: Partial<JobAttempt>): ReturnType<typeof replenish>
  close(): Promise<void>
}

export interface AgentWorkerOptions {
  readonly base: DomainContext
  readonly servers: readonly McpServerConfig[]
  /** Tried in this order, then `rules`; or a factory that chooses. */
  readonly models?: readonly Model[] | ModelFactory
  readonly runTimeoutMs?: number
  readonly leaseMs?: number
  readonly maxTokens?: number
  readonly callMs?: number
  /** Most time for one model call. */
  readonly modelTimeoutMs?: number
  readonly workerId?: string
}

/** A worker without a queue: its processors are called directly, its servers are real MCP servers. */
export function openAgentWorker(options: AgentWorkerOptions): AgentWorker {
  const queued: { name: string; payload: unknown }[] = []
  const base = { ...options.base, clock: createClock() }
  const ctx: WorkerContext = {
    ...base,
    workerId: options.workerId ?? 'worker-1',
    config: {
      worker: { concurrency: 1, leaseMs: options.leaseMs ?? 60_000, runTimeoutMs: options.runTimeoutMs ?? 30_000 },
      model: {
        name: 'rules',
        apiKey: null,
        baseUrl: null,
        api: 'responses',
        timeoutMs: options.modelTimeoutMs ?? 10_000,
        maxTokens: options.maxTokens ?? 100_000,
      },
    },
    mcp: createMcpPool({
      servers: options.servers,
      log: base.log,
      timeouts: { connectMs: 10_000, callMs: options.callMs ?? 10_000, closeMs: 5_000 },
    }),
    models:
      options.models !== undefined && 'choose' in options.models ? options.models : fixedModels(options.models ?? []),
    enqueue: async (name, payload) => {
      queued.push({ name, payload })
    },
  }
  const attempt: AgentWorker['attempt'] = (runId, job = {}) =>
    replenish(ctx, { runId }, { jobId: 'job', attempt: 1, isLast: false, signal: new AbortController().signal, ...job })
  return {
    ctx,
    queued,
    attempt,
    async run(newRun = {}) {
      const { id } = await createRun(ctx, { list: 'cafe', ...newRun })
      await attempt(id)
      return getRun(ctx, id)
    },
    close: () => ctx.mcp.close(),
  }
}

function fixedModels(models: readonly Model[]): ModelFactory {
  const rules: ChosenModel = { name: 'rules', model: new RulesModel(), followsInstructions: false }
  const [first, ...rest] = models.map((model, index) => ({
    name: `model-${index + 1}`,
    model,
    followsInstructions: true,
  }))
  return { choose: () => (first === undefined ? [rules] : [first, ...rest, rules]) }
}

/** Forgets all runs and how far the list has followed ordering, so that the next test begins as on a new database. */
export async function clearRuns({ db }: Pick<DomainContext, 'db'>): Promise<void> {
  for (const table of ['restock.run_steps', 'restock.runs', 'restock.sync_cursors'] as const) {
    await db.deleteFrom(table).execute()
  }
}
