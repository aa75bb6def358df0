import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describeFinding, findViolations } from '../../src/invariants/find-violations.js'
import { readFailpointLog } from '../../src/platform/failpoints.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { createRun } from '../../src/runs/create-run.js'
import { addItem } from '../../src/stock/add-item.js'
import { applyLists } from '../../src/stock/lists.js'
import { recordUse } from '../../src/stock/record-use.js'
import { buildOffer, buildSupplier } from './purchasing-builders.js'
import { type RestockProcess, startRestock } from './restock-process.js'
import { freePort } from './start-redis.js'
import { startSupplier, type TestSupplier } from './supplier-server.js'
import { createTestDatabase, type TestDatabase, testSecret } from './test-database.js'
import { until } from './until.js'

export interface StationOptions {
  readonly queue: 'postgres' | 'redis'
  /** How the worker reaches the two MCP servers: children over stdio, or processes of their own over HTTP. */
  readonly transport: 'stdio' | 'http'
  readonly model: 'rules' | 'aimock'
  readonly redisUrl: string | null
  /** Needed for `aimock`. */
  readonly modelUrl: string | null
  readonly leaseMs?: number
}

/** What became of everything in the end, without ids and times: two lives that ended well have the same. */
export interface Ending {
  readonly runs: readonly {
    status: string
    error: string | null
    items: readonly { name: string; decision: string; ordered: number }[]
  }[]
  readonly orders: readonly { supplier: string; status: string; totalMinor: number; lines: string }[]
  readonly onHand: Readonly<Record<string, number>>
  readonly reservations: readonly { state: string; amountMinor: number }[]
  readonly deliveries: number
  /** At the supplier that can be sent to: how many orders it took. */
  readonly taken: number
}

/**
 * A small shop whose processes are real and can be killed: one list, four items due (one of which nobody sells), a supplier
 * in the database and one over HTTP. Its clock is the real one.
 */
export interface Station {
  readonly database: TestDatabase
  readonly supplier: TestSupplier
  /** Starts `restock up` and, over HTTP, the two servers. `failpoints`: what happens to them on the way. */
  start(options?: { readonly failpoints?: string; readonly aheadMs?: number }): Promise<void>
  /** The `up` process. */
  readonly main: () => RestockProcess
  readonly processes: () => readonly RestockProcess[]
  /** Whether an armed failpoint has done what it was armed for. */
  readonly hasFired: () => boolean
  /** A run that somebody asked for and nobody has queued: the sweep finds it. */
  requestRun(): Promise<string>
  /** So much of each item that is sold goes, as far as it is there. */
  useUp(quantity: number): Promise<void>
  /** What is there of each item that is sold, what it is filled up to, and its pack. */
  levels(): Promise<readonly { readonly onHand: number; readonly orderUpTo: number; readonly pack: number }[]>
  /** SIGKILL to every process of the station. */
  killAll(): Promise<void>
  /** Waits until nothing is left to do, then says how it all ended. */
  settle(deadlineMs?: number): Promise<Ending>
  violations(): Promise<readonly string[]>
  close(): Promise<void>
}

const token = 'a token that only this test knows'

export async function openStation(options: StationOptions): Promise<Station> {
  const home = join(tmpdir(), `restock-crash-${randomBytes(4).toString('hex')}`)
  await mkdir(home)
  const database = await createTestDatabase()
  const ctx = {
    ...database.ctx,
    clock: { now: () => new Date() },
    newId: (prefix: string) => `${prefix}_${randomBytes(5).toString('hex')}`,
  }
  let aheadMs = 0
  const supplier = await startSupplier({ now: () => new Date(Date.now() + aheadMs), deliverEveryMs: 1 })

  await applyLists(ctx, [{ id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', source: 'file' }])
  const limits = { per_day: '500', per_order: '200' }
  await applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'file' })
  await buildSupplier(ctx, { id: 'north', leadTimeDays: 0, shippingFee: '4.90', taxRate: '0.07' })
  await buildSupplier(ctx, { id: 'south', channel: 'http', url: supplier.urlOf('normal'), leadTimeDays: 0 })
  await buildOffer(ctx, { supplierId: 'north', name: 'Milk', sku: 'M-1', packQuantity: 6, price: '6.30' })
  await buildOffer(ctx, { supplierId: 'north', name: 'Oats', sku: 'O-1', packQuantity: 2, price: '3.10' })
  await buildOffer(ctx, { supplierId: 'south', name: 'Tea', sku: 'T-1', price: '4.20' })
  const settings = { unit: 'pcs', onHand: 1, reorderPoint: 4, orderUpTo: 12 }
  const milk = await addItem(ctx, { name: 'Milk', sku: 'M-1', ...settings })
  const oats = await addItem(ctx, { name: 'Oats', sku: 'O-1', ...settings })
  const tea = await addItem(ctx, { name: 'Tea', sku: 'T-1', ...settings })
  await addItem(ctx, { name: 'Unicorn dust', sku: 'U-1', ...settings })

  const packs = new Map([
    [milk.itemId, 6],
    [oats.itemId, 2],
    [tea.itemId, 1],
  ])
  const levels = async () => {
    const stock = await database.db
      .selectFrom('stock.movements')
      .select((select) => ['item_id as itemId', select.fn.sum<number>('quantity').as('onHand')])
      .groupBy('item_id')
      .execute()
    return stock.flatMap(({ itemId, onHand }) => {
      const pack = packs.get(itemId)
      return pack === undefined ? [] : [{ itemId, onHand, orderUpTo: settings.orderUpTo, pack }]
    })
  }

  const ports = { list: await freePort(), ordering: await freePort() }
  const configFile = join(home, 'restock.yaml')
  await writeFile(configFile, configText(options, ports))
  const logFile = join(home, 'failpoints.log')
  const running: RestockProcess[] = []
  const launch = (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const process = startRestock([...args, '--data-dir', home, '--config', configFile], { cwd: home, env })
    running.push(process)
    return process
  }
  const prefix = `crash-${randomBytes(4).toString('hex')}`
  let main: RestockProcess | null = null

  const station: Station = {
    database,
    supplier,
    main: () => {
      if (main === null) throw new Error('the station was never started')
      return main
    },
    processes: () => running,
    hasFired: () => readFailpointLog(logFile).some(({ what }) => what !== 'reached'),
    async start({ failpoints = '', aheadMs: ahead = 0 } = {}) {
      aheadMs = ahead
      const env = {
        DATABASE_URL: database.url,
        RESTOCK_SECRET: testSecret,
        RESTOCK_MCP_TOKEN: token,
        RESTOCK_WEB_PORT: '0',
        RESTOCK_LEASE_MS: String(options.leaseMs ?? 1_500),
        RESTOCK_SWEEP_EVERY_MS: '500',
        RESTOCK_TRACK_EVERY_MS: '500',
        RESTOCK_CLOCK_OFFSET_MS: String(ahead),
        RESTOCK_QUEUE_PREFIX: prefix,
        RESTOCK_LOG_LEVEL: 'info',
        RESTOCK_LOG_FORMAT: 'json',
        ...(failpoints === '' ? {} : { RESTOCK_FAILPOINTS: failpoints, RESTOCK_FAILPOINTS_LOG: logFile }),
        ...(options.queue === 'redis' ? { REDIS_URL: options.redisUrl ?? '' } : {}),
        ...(options.model === 'rules'
          ? { RESTOCK_MODEL: 'rules' }
          : { RESTOCK_MODEL: 'stand-in', OPENAI_BASE_URL: options.modelUrl ?? '', OPENAI_API_KEY: 'none' }),
      }
      // Started twice, a station has two `up` beside each other and one of each server.
      if (options.transport === 'http' && running.length === 0) {
        const servers = (['list', 'ordering'] as const).map((name) =>
          launch(['mcp', name, '--http', String(ports[name])], env),
        )
        const areListening = () => servers.every((server) => server.stderr().includes('listens at')) || null
        await until('both servers to listen', areListening, 60_000)
      }
      main = launch(['up'], env)
    },
    async requestRun() {
      const run = await createRun(ctx, { list: 'cafe' })
      return run.id
    },
    async useUp(quantity) {
      for (const { itemId, onHand } of await levels()) {
        if (Math.min(onHand, quantity) > 0) await recordUse(ctx, { item: itemId, quantity: Math.min(onHand, quantity) })
      }
    },
    levels,
    async killAll() {
      const dying = running.splice(0)
      for (const { child } of dying) child.kill('SIGKILL')
      await Promise.all(dying.map(({ ended }) => ended))
    },
    async settle(deadlineMs = 120_000) {
      await until('everything to be done', () => isSettled(database), deadlineMs)
      return readEnding(database, supplier)
    },
    async violations() {
      const found = await findViolations(database.db)
      return found.map((violation) => `${violation.invariant}: ${describeFinding(violation)}`)
    },
    async close() {
      await station.killAll()
      await supplier.close()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return station
}

function configText(options: StationOptions, ports: { readonly list: number; readonly ordering: number }): string {
  const server = (name: 'list' | 'ordering') => `  ${name}:
    url: http://127.0.0.1:${ports[name]}/mcp
    headers: { Authorization: 'Bearer ${token}' }
`
  return `lists:
  cafe:
    currency: EUR
    time_zone: Europe/Berlin
    limits: { per_day: 500, per_order: 200 }
${options.transport === 'http' ? `mcpServers:\n${server('list')}${server('ordering')}` : ''}`
}

/** No run is open, every order has come in, and the list has heard of all of it. */
async function isSettled({ db }: TestDatabase): Promise<true | null> {
  const { rows } = await sql<{ open: number }>`
    select (select count(*) from restock.runs where status in ('pending', 'running'))
         + (select count(*) from purchasing.orders where status <> 'received')
         + (select count(*) from purchasing.orders as o where not exists
             (select from purchasing.order_lines as l where l.order_id = o.id and l.received_quantity > 0))
         + (select case when coalesce(max(seq), 0) > (select coalesce(max(seq), 0) from restock.sync_cursors where name = 'stock') then 1 else 0 end
              from purchasing.events) as open`.execute(db)
  return Number(rows[0]?.open) === 0 ? true : null
}

async function readEnding({ db }: TestDatabase, supplier: TestSupplier): Promise<Ending> {
  const runs = await db
    .selectFrom('restock.runs')
    .select(['status', 'error', 'outcome'])
    .orderBy('created_at')
    .execute()
  const { rows: orders } = await sql<Ending['orders'][number]>`
    select o.supplier_id as supplier, o.status, o.total_minor::int as "totalMinor",
           string_agg(l.packs || ' ' || l.product, ', ' order by l.product) as lines
      from purchasing.orders as o join purchasing.order_lines as l on l.order_id = o.id
     group by o.id order by o.supplier_id, o.total_minor`.execute(db)
  const { rows: stock } = await sql<{ name: string; quantity: number }>`
    select i.name, sum(m.quantity)::float as quantity
      from stock.items as i join stock.movements as m on m.item_id = i.id group by i.name order by i.name`.execute(db)
  const { rows: reservations } = await sql<Ending['reservations'][number]>`
    select state, amount_minor::int as "amountMinor" from purchasing.reservations order by amount_minor, state`.execute(
    db,
  )
  const { rows: deliveries } = await sql<{
    count: number
  }>`select count(*)::int as count from purchasing.deliveries`.execute(db)
  return {
    runs: runs.map(({ status, error, outcome }) => ({
      status,
      error,
      items: (
        (outcome as { items?: { name: string; decision: string; orderedQuantity: number }[] } | null)?.items ?? []
      )
        .map(({ name, decision, orderedQuantity }) => ({ name, decision, ordered: orderedQuantity }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    })),
    orders,
    onHand: Object.fromEntries(stock.map(({ name, quantity }) => [name, quantity])),
    reservations,
    deliveries: deliveries[0]?.count ?? 0,
    taken: supplier.book.all().length,
  }
}
