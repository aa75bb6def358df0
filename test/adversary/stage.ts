/** Two lists with runs under way, and both real MCP servers: what one sequence plays on. Nothing of it is shared with others. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { createListServer } from '../../servers/list/server.js'
import { listTools } from '../../servers/list/tools/index.js'
import { createOrderingServer } from '../../servers/ordering/server.js'
import type { AnyTool } from '../../servers/tool.js'
import type { DomainContext } from '../../src/platform/context.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import type { BasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { createTestClock, type TestClock, type TestDatabase } from '../helpers/test-database.js'
import type { Pool } from './schema-arbitrary.js'

/** A and C are runs of the first list (C was never claimed by the ledger's rules twice), B works on the second, D rehearses. */
export const runNames = ['A', 'B', 'C', 'D'] as const
export type RunName = (typeof runNames)[number]

export interface StagedRun {
  readonly id: string
  readonly list: string
  readonly dryRun: boolean
  epoch: number
  /** The worker has said that it is over. */
  isEnded: boolean
}

export interface Stage {
  readonly key: string
  readonly ctx: DomainContext
  readonly clock: TestClock
  readonly lists: readonly [string, string]
  readonly runs: Readonly<Record<RunName, StagedRun>>
  readonly known: Readonly<Record<Pool, string[]>>
  /** Ids of things of the second list: nobody who works for the first may hear of them. */
  readonly foreign: Set<string>
  /** Who made each quote: a run's id, or `person`. */
  readonly quotedBy: Map<string, string>
  /** All limits that were ever in force on the first list. */
  readonly limitsSoFar: LimitSettings[]
  /** What went wrong inside the servers: they must log nothing of the kind. */
  readonly errors: unknown[]
  /** Last order event that this stage's lists have taken. */
  synced: number
  call(tool: string, args: unknown, meta?: Record<string, unknown>): Promise<CallToolResult>
  close(): Promise<void>
}

const listToolNames: ReadonlySet<string> = new Set(listTools.map((tool: AnyTool) => tool.name))

export function serverOf(tool: string): 'list' | 'ordering' {
  return listToolNames.has(tool) ? 'list' : 'ordering'
}

export interface StageSettings {
  readonly limits: LimitSettings
}

/** Opens a stage named by its key, which all of its ids hold. */
export async function openStage(
  database: TestDatabase,
  parts: { readonly key: string; readonly products: readonly string[]; readonly solver: BasketSolver } & StageSettings,
): Promise<Stage> {
  const { key } = parts
  const errors: unknown[] = []
  const clock = createTestClock()
  const counts = new Map<string, number>()
  const ctx: DomainContext = {
    ...database.ctx,
    clock,
    newId: (prefix) => {
      const next = (counts.get(prefix) ?? 0) + 1
      counts.set(prefix, next)
      return `${prefix}_${key}_${next}`
    },
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => errors.push(fields),
    },
  }
  const lists = [`${key}-a`, `${key}-b`] as const
  const runs = {
    A: { id: `run_${key}_A`, list: lists[0], dryRun: false, epoch: 1, isEnded: false },
    B: { id: `run_${key}_B`, list: lists[1], dryRun: false, epoch: 1, isEnded: false },
    C: { id: `run_${key}_C`, list: lists[0], dryRun: false, epoch: 1, isEnded: false },
    D: { id: `run_${key}_D`, list: lists[0], dryRun: true, epoch: 1, isEnded: false },
  }
  const items = await insertLists(database, key, lists, runs, parts.limits, clock.now())
  const list = await connect(createListServer(() => ctx))
  const ordering = await connect(createOrderingServer(() => ctx, parts.solver))
  return {
    key,
    ctx,
    clock,
    lists,
    runs,
    known: {
      item: items,
      product: [...parts.products],
      quote: [],
      order: [],
      receipt: [],
      list: [lists[1], lists[0]],
      run: Object.values(runs).map(({ id }) => id),
      supplier: ['post', 'far', 'south', 'north'],
      line: [],
      event: [],
    },
    foreign: new Set([lists[1], runs.B.id, ...items.filter((id) => id.startsWith(`itm_${key}_b`))]),
    quotedBy: new Map(),
    limitsSoFar: [parts.limits],
    errors,
    synced: 0,
    call: (tool, args, meta) => {
      const { client } = serverOf(tool) === 'list' ? list : ordering
      // Nothing is checked on this side: what a model makes up must meet the server as it is.
      const params = {
        name: tool,
        arguments: args as Record<string, unknown>,
        ...(meta === undefined ? {} : { _meta: meta }),
      }
      return client.callTool(params, undefined, { timeout: 30_000 }) as Promise<CallToolResult>
    },
    close: async () => {
      await list.close()
      await ordering.close()
    },
  }
}

async function connect(server: ReturnType<typeof createListServer>) {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'adversary', version: '1' })
  await Promise.all([server.connect(serverSide), client.connect(clientSide)])
  return { client, close: () => client.close() }
}

const itemsOfList = [
  { id: 'milk', name: 'Milk', unit: 'l', sku: 'MILK', gtin: null, point: 10, level: 24, onHand: 0, cap: null },
  {
    id: 'whole',
    name: 'Whole milk',
    unit: 'l',
    sku: null,
    gtin: '4006381333931',
    point: 3,
    level: 7,
    onHand: 2,
    cap: null,
  },
  { id: 'beans', name: 'Beans', unit: 'kg', sku: 'BEANS', gtin: null, point: 2, level: 8, onHand: 1, cap: '12.5' },
  { id: 'dear', name: 'Dear beans', unit: 'kg', sku: 'BEANS-5', gtin: null, point: 1, level: 4, onHand: 0, cap: '1' },
  { id: 'cups', name: 'Paper cups', unit: 'pcs', sku: null, gtin: null, point: 30, level: 120, onHand: 10, cap: null },
  { id: 'full', name: 'Tea', unit: 'pcs', sku: 'TEA', gtin: null, point: 10, level: 100, onHand: 500, cap: null },
] as const

/** Everything in one round trip, as a sequence takes only some dozen. Returns the items' ids, the second list's last. */
async function insertLists(
  database: TestDatabase,
  key: string,
  lists: readonly [string, string],
  runs: Readonly<Record<RunName, StagedRun>>,
  limits: LimitSettings,
  now: Date,
): Promise<string[]> {
  const text = (value: string | number | null) => (value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`)
  const at = text(now.toISOString())
  const items = lists.flatMap((list, index) =>
    itemsOfList.map((item) => ({ ...item, list, id: `itm_${key}_${index === 0 ? 'a' : 'b'}${item.id}` })),
  )
  // The agent asked for it in an earlier run.
  const asked = `itm_${key}_aasked`
  await database.pool.query(`
    insert into stock.lists (id, name, currency, time_zone, source, created_at, updated_at)
      values ${lists.map((id) => `(${text(id)}, ${text(id)}, 'EUR', 'Europe/Berlin', 'person', ${at}, ${at})`).join()};
    insert into stock.items (id, list, name, kind, unit, sku, gtin, reorder_point, order_up_to, max_unit_price, origin, created_at, updated_at)
      values ${items
        .map(
          ({ id, list, name, unit, sku, gtin, point, level, cap }) =>
            `(${[id, list, name, 'stock', unit, sku, gtin, point, level, cap, 'person'].map(text).join()}, ${at}, ${at})`,
        )
        .join()};
    insert into stock.items (id, list, name, kind, unit, sku, requested_quantity, origin, created_at, updated_at)
      values (${text(asked)}, ${text(lists[0])}, 'Tea 20 bags', 'one_off', 'pcs', 'TEA-20', 40, 'agent', ${at}, ${at});
    insert into stock.movements (item_id, kind, quantity, counted, at, actor, cause)
      values ${items.map(({ id, onHand }) => `(${text(id)}, 'count', ${onHand}, ${onHand}, ${at}, 'person', 'first count')`).join()};
    insert into restock.runs (id, list, status, trigger, dry_run, epoch, claimed_by, lease_until, created_at, started_at, finished_at, error)
      values ${Object.entries(runs)
        .map(([name, run]) =>
          name === 'A' || name === 'B'
            ? `(${text(run.id)}, ${text(run.list)}, 'running', 'manual', false, 1, 'worker', '2100-01-01', ${at}, ${at}, null, null)`
            : `(${text(run.id)}, ${text(run.list)}, 'failed', 'manual', ${run.dryRun}, 1, 'worker', null, ${at}, ${at}, ${at}, 'gone')`,
        )
        .join()};
    insert into purchasing.list_limits (list, settings, source, currency, time_zone, updated_at)
      values (${text(lists[0])}, ${text(JSON.stringify(limits))}, 'person', 'EUR', 'Europe/Berlin', ${at}),
        (${text(lists[1])}, '{}', 'person', 'EUR', 'Europe/Berlin', ${at})`)
  // What is asked for most comes last, since references count from the end.
  return [...items.map(({ id }) => id).reverse(), asked]
}

/** Empties what sequences leave behind, so that looking at all of it stays cheap; the market stays. */
export async function clearStages(database: TestDatabase): Promise<void> {
  await database.pool.query(`
    truncate stock.lists, stock.items, stock.movements, stock.expected_receipts, stock.links, stock.applied_events, stock.fences,
      restock.runs, restock.run_steps, purchasing.run_lists, purchasing.needs, purchasing.fences, purchasing.quotes,
      purchasing.item_commitments, purchasing.orders, purchasing.order_lines, purchasing.order_history, purchasing.amendments,
      purchasing.events, purchasing.deliveries, purchasing.reservations, purchasing.list_limits, purchasing.declined_items,
      purchasing.simulated_orders cascade`)
}
