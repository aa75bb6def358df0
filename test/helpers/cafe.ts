import { join } from 'node:path'
import { createListServer } from '../../servers/list/server.js'
import { createOrderingServer } from '../../servers/ordering/server.js'
import { type RunningHttpServer, serveHttp } from '../../servers/transports.js'
import { createMcpPool } from '../../src/agent/mcp-servers.js'
import type { ModelFactory } from '../../src/agent/models/index.js'
import { createModelFactory } from '../../src/agent/models/index.js'
import { importFolder } from '../../src/cli/config/apply-config.js'
import { packageRoot } from '../../src/config/paths.js'
import { type DomainContext, silentLogger } from '../../src/platform/context.js'
import type { JobAttempt } from '../../src/platform/queue.js'
import type { WorkerContext } from '../../src/processors/context.js'
import { directAttempt, processors } from '../../src/processors/index.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { createRun, type NewRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import type { Run, RunOutcome } from '../../src/runs/run.js'
import { addList } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase, testSecret } from './test-database.js'

const token = 'a-token-that-only-tests-know'

/** A list with suppliers, both MCP servers over HTTP, and a worker's context: everything of a run but the queue. */
export interface TestShop {
  readonly database: TestDatabase
  readonly ctx: DomainContext
  readonly worker: WorkerContext
  /** Jobs that processors passed on. */
  readonly enqueued: { readonly name: string; readonly payload: unknown }[]
  /** The same shop with another model. */
  withModels(models: ModelFactory): WorkerContext
  run(options?: Partial<NewRun>, worker?: WorkerContext): Promise<Run & { readonly outcome: RunOutcome }>
  /** Sends approved orders, books what has been delivered by now, and tells the list. */
  submitAndDeliver(): Promise<void>
  close(): Promise<void>
}

export const rulesOnly = createModelFactory({
  name: 'rules',
  apiKey: null,
  baseUrl: null,
  api: 'responses',
  timeoutMs: 5_000,
})

export async function openTestShop(options: { readonly example?: boolean } = {}): Promise<TestShop> {
  const database = await createTestDatabase()
  const { ctx } = database
  await addList(ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  await applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits: {}, source: 'person' })
  if (options.example !== false) await importFolder(ctx, join(packageRoot, 'examples', 'cafe'), 'cafe')

  const servers: RunningHttpServer[] = []
  const solver = createBasketSolver({ maxThreads: 1 })
  const serve = async (create: typeof createListServer): Promise<string> => {
    const server = await serveHttp(() => create(() => ctx), { host: '127.0.0.1', port: 0, token })
    servers.push(server)
    return server.url
  }
  const headers = { Authorization: `Bearer ${token}` }
  const mcp = createMcpPool({
    servers: [
      { name: 'list', url: await serve(createListServer), headers },
      { name: 'ordering', url: await serve((context) => createOrderingServer(context, solver)), headers },
    ],
    log: silentLogger,
  })
  const enqueued: { name: string; payload: unknown }[] = []
  const worker: WorkerContext = {
    ...ctx,
    secret: testSecret,
    config: {
      worker: { concurrency: 1, leaseMs: 30_000, runTimeoutMs: 30_000 },
      model: { name: 'rules', apiKey: null, baseUrl: null, api: 'responses', timeoutMs: 5_000, maxTokens: 400_000 },
    },
    workerId: 'test-worker',
    mcp,
    models: rulesOnly,
    enqueue: async (name, payload) => {
      enqueued.push({ name, payload })
    },
  }

  return {
    database,
    ctx,
    worker,
    enqueued,
    withModels: (models) => ({ ...worker, models }),
    async run(newRun = {}, runWorker = worker) {
      const created = await createRun(ctx, { list: 'cafe', ...newRun })
      await processors.replenish(runWorker, { runId: created.id }, directAttempt)
      const run = await getRun(ctx, created.id)
      if (run.outcome === null) throw new Error(`run ${run.id} is ${run.status} without an outcome: ${run.error ?? ''}`)
      return { ...run, outcome: run.outcome }
    },
    async submitAndDeliver() {
      for (const order of await findOrders(ctx, { status: 'approved', limit: 500 })) {
        await processors['submit-order'](worker, { orderId: order.orderId }, directAttempt)
      }
      await processors['track-orders'](worker, {}, directAttempt)
      await processors['sync-stock'](worker, {}, directAttempt)
    },
    async close() {
      await mcp.close()
      await Promise.all(servers.map((server) => server.close()))
      await solver.close()
      await database.drop()
    },
  }
}

export function attempt(overrides: Partial<JobAttempt> = {}): JobAttempt {
  return { ...directAttempt, ...overrides }
}

/** What was bought, without the ids that differ from run to run: to compare runs. */
export function boughtLines(outcome: RunOutcome): string[] {
  return outcome.orders
    .flatMap((order) =>
      order.lines.map(
        (line) => `${order.supplier}: ${line.packs} x ${line.product} at ${line.packPriceMinor} (${order.status})`,
      ),
    )
    .sort()
}
