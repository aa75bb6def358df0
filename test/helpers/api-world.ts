/** A small installation behind the HTTP API, listening on a port: its document, a caller that holds every answer against it, and one good call of each operation. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import type { Scope } from '../../src/access/scopes.js'
import { addToken } from '../../src/access/tokens.js'
import type { DomainContext } from '../../src/platform/context.js'
import { inTransaction } from '../../src/platform/database.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { moveOrder } from '../../src/purchasing/orders/move-order.js'
import { lockOrder } from '../../src/purchasing/orders/order-rows.js'
import type { OrderStatus } from '../../src/purchasing/tables.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { countStock } from '../../src/stock/count-stock.js'
import { addList } from '../../src/stock/lists.js'
import { startWeb } from '../../src/web/start-web.js'
import { buildLine, insertSupplier, placeOne } from './order-builders.js'
import { ask, type RawAnswer } from './raw-http.js'
import { buildItem } from './stock-builders.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'
import { createTestWeb, finishedRun, localWeb, openTestQueue } from './web.js'

interface DocumentedOperation {
  readonly operationId: string
  readonly security: readonly { readonly token: readonly Scope[] }[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: { readonly required: boolean }
  readonly responses: Readonly<
    Record<string, { readonly headers?: object; readonly content: Readonly<Record<string, { schema: object }>> }>
  >
}

export interface ApiOperation extends DocumentedOperation {
  readonly method: string
  readonly path: string
  readonly isWrite: boolean
  readonly scope: Scope
}

export interface ApiRequest {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: unknown
}

export interface SentRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface ApiAnswer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

export interface ApiWorld {
  readonly database: TestDatabase
  readonly ctx: DomainContext
  readonly queue: JobQueue
  readonly document: { readonly openapi: string; readonly paths: object }
  readonly operations: readonly ApiOperation[]
  readonly web: ReturnType<typeof createTestWeb>
  /** Where it listens. */
  readonly url: string
  /** By their only scope. */
  readonly tokens: Readonly<Record<Scope, string>>
  /** Calls an operation; whatever it answers must be documented for it. */
  call(operationId: string, request?: ApiRequest, headers?: Record<string, string>): Promise<ApiAnswer>
  /** Any request under /api. */
  send(path: string, init?: SentRequest): Promise<ApiAnswer>
  /** What an operation is asked by, as `send` takes it. */
  requestOf(operationId: string, request?: ApiRequest, headers?: Record<string, string>): SentRequest & { path: string }
  /** Fails for an answer that the document doesn't have for this operation. */
  assertDocumented(operationId: string, answer: ApiAnswer): void
  operation(operationId: string): ApiOperation
  close(): Promise<void>
}

export async function openApiWorld(): Promise<ApiWorld> {
  const database = await createTestDatabase()
  const { ctx } = database
  const queue = openTestQueue(database)
  await addList(ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  await applyLimits(ctx, {
    list: 'cafe',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    limits: { orders_per_run: 1_000 },
    source: 'person',
  })
  await insertSupplier(ctx, 'sim')
  const web = createTestWeb({ ctx, queue })
  const running = await startWeb({ ctx, queue, config: { web: localWeb } })
  const tokens = Object.fromEntries(
    await Promise.all(
      (['read', 'run', 'approve', 'admin'] as const).map(async (scope) => {
        const { token } = await addToken(ctx, { name: scope, scopes: [scope], by: 'test', days: null })
        return [scope, token] as const
      }),
    ),
  ) as Record<Scope, string>

  const document = (await (await web.request('/api/openapi.json')).json()) as ApiWorld['document']
  const operations = readOperations(document)
  const validators = compileValidators(document, operations)
  const operation = (operationId: string) => {
    const found = operations.find((each) => each.operationId === operationId)
    if (found === undefined) throw new Error(`the document has no operation ${operationId}`)
    return found
  }
  const send = async (path: string, init: SentRequest = {}): Promise<ApiAnswer> =>
    toApiAnswer(await ask(running.url, { path, ...init }))
  const requestOf: ApiWorld['requestOf'] = (operationId, request = {}, headers = {}) => {
    const { method, path } = operation(operationId)
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(request.params?.[name] ?? '')),
    )
    const query = new URLSearchParams(
      Object.entries(request.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString()
    return {
      path: `/api${filled}${query === '' ? '' : `?${query}`}`,
      method,
      headers: { ...(request.body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    }
  }
  const assertDocumented: ApiWorld['assertDocumented'] = (operationId, answer) => {
    const validate = validators.get(`${operationId} ${answer.status}`)
    expect(
      validate,
      `${operationId} answered ${answer.status}, which is not documented: ${JSON.stringify(answer.body)}`,
    ).toBeDefined()
    const type = answer.status < 400 ? 'application/json' : 'application/problem+json'
    expect(answer.headers.get('content-type')).toBe(type)
    const isValid = validate?.(answer.body)
    expect(
      isValid,
      `${operationId} ${answer.status}: ${JSON.stringify(validate?.errors)} in ${JSON.stringify(answer.body)}`,
    ).toBe(true)
    const { headers = {} } = operation(operationId).responses[answer.status] ?? {}
    for (const name of tellingHeaders) {
      const isDocumented = Object.keys(headers).includes(name)
      expect(!answer.headers.has(name) || isDocumented, `${operationId} ${answer.status} says ${name}`).toBe(true)
    }
    if (answer.status >= 400) expect(answer.body.status).toBe(answer.status)
  }
  return {
    database,
    ctx,
    queue,
    document,
    operations,
    web,
    tokens,
    operation,
    send,
    requestOf,
    assertDocumented,
    url: running.url,
    call: async (operationId, request = {}, headers = {}) => {
      const { path, ...init } = requestOf(operationId, request, headers)
      const answer = await send(path, init)
      const accepts = validators.get(`${operationId} body`)
      if (answer.status < 300 && accepts !== undefined) {
        expect(accepts(request.body ?? {}), `${operationId} took a body that the document does not have`).toBe(true)
      }
      assertDocumented(operationId, answer)
      return answer
    },
    close: async () => {
      await running.close()
      await queue.close()
      await database.drop()
    },
  }
}

/** What programs act upon besides status and body. */
const tellingHeaders = ['Idempotency-Replayed', 'Retry-After', 'WWW-Authenticate', 'Allow', 'Location', 'Link']

export function toApiAnswer({ status, headers, text }: RawAnswer): ApiAnswer {
  const isJson = /^application\/(problem\+)?json/.test(headers.get('content-type') ?? '')
  return { status, body: isJson && text !== '' ? JSON.parse(text) : { text }, headers }
}

function readOperations(document: { readonly paths: object }): ApiOperation[] {
  return Object.entries(document.paths as Record<string, Record<string, DocumentedOperation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        ...described,
        path,
        method: method.toUpperCase(),
        isWrite: method !== 'get',
        scope: described.security[0]?.token[0] ?? 'admin',
      })),
  )
}

function compileValidators(document: object, operations: readonly ApiOperation[]): Map<string, ValidateFunction> {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'api')
  const validators = new Map<string, ValidateFunction>()
  const compile = (pointer: readonly string[]) => {
    const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    return ajv.compile({ $ref: `api#/${escaped.join('/')}` })
  }
  for (const { operationId, method, path, responses, requestBody } of operations) {
    const at = ['paths', path, method.toLowerCase()]
    if (requestBody !== undefined) {
      validators.set(`${operationId} body`, compile([...at, 'requestBody', 'content', 'application/json', 'schema']))
    }
    for (const [status, { content }] of Object.entries(responses)) {
      const [type] = Object.keys(content)
      validators.set(`${operationId} ${status}`, compile([...at, 'responses', status, 'content', type ?? '', 'schema']))
    }
  }
  return validators
}

let counter = 0
const fresh = (prefix: string) => `${prefix}-${++counter}`

async function item({ ctx }: ApiWorld, overrides: object = {}): Promise<string> {
  return buildItem(ctx, { list: 'cafe', name: fresh('Item'), onHand: 50, ...overrides })
}

/** An order of its own that has come so far. */
export async function orderIn({ ctx }: Pick<ApiWorld, 'ctx'>, status: OrderStatus): Promise<string> {
  const needsPersonBecause = status === 'awaiting_approval' ? (['proposed_match'] as const) : []
  const orderId = await placeOne(ctx, 'sim', {
    lines: [buildLine(fresh('itm_api'), { needsPersonBecause: [...needsPersonBecause] })],
  })
  const ways: Partial<Record<OrderStatus, readonly OrderStatus[]>> = {
    submitted: ['submitting', 'submitted'],
    confirmed: ['submitting', 'submitted', 'confirmed'],
    unknown: ['submitting', 'unknown'],
  }
  for (const to of ways[status] ?? []) {
    await inTransaction(ctx, async (tx) => {
      await moveOrder(tx, await lockOrder(tx, orderId), { to, actor: 'test', reason: null })
    })
  }
  return orderId
}

async function schedule({ ctx }: ApiWorld, isPaused = false): Promise<string> {
  const { name } = await addSchedule(ctx, {
    name: fresh('nightly'),
    list: 'cafe',
    cron: '0 5 * * *',
    timeZone: 'Europe/Berlin',
    misfire: 'run_once',
    overlap: 'skip',
    instructions: null,
    isPaused,
  })
  return name
}

async function runWithSteps({ ctx }: ApiWorld): Promise<string> {
  const run = await finishedRun(ctx, 'cafe')
  await ctx.db
    .insertInto('restock.run_steps')
    .values(
      [1, 2, 3].map((step) => ({
        run_id: run,
        epoch: 1,
        step,
        kind: step === 1 ? ('model' as const) : ('tool' as const),
        name: `step ${step}`,
        request: JSON.stringify({ step }),
        response: JSON.stringify([{ ok: true }]),
        error: null,
        input_tokens: 5,
        output_tokens: 3,
        started_at: ctx.clock.now(),
        duration_ms: 1.5,
      })),
    )
    .execute()
  return run
}

type Prepare = (world: ApiWorld) => Promise<ApiRequest>

/** What makes each operation succeed, with something of its own each time that it is asked for. */
export const goodCalls: Readonly<Record<string, Prepare>> = {
  findLists: async (world) => {
    await world.call('addList', await goodCall(world, 'addList'))
    return {}
  },
  getList: async () => ({ params: { list: 'cafe' } }),
  addList: async () => ({ body: { id: fresh('list'), currency: 'EUR', timeZone: 'Europe/Berlin' } }),
  findItems: async (world) => {
    await item(world, { onHand: 0 })
    return { query: { list: 'cafe' } }
  },
  findNeeds: async (world) => {
    await item(world, { onHand: 0 })
    return { query: { list: 'cafe' } }
  },
  getItem: async (world) => ({ params: { item: await item(world) } }),
  addItem: async () => ({
    body: {
      name: fresh('New item'),
      unit: 'l',
      list: 'cafe',
      onHand: 3,
      reorderPoint: 5,
      orderUpTo: 20,
      maxUnitPrice: '2.50',
    },
  }),
  updateItem: async (world) => ({
    params: { item: await item(world) },
    body: { orderUpTo: 60, notes: 'the blue one' },
  }),
  removeItem: async (world) => ({ params: { item: await item(world) } }),
  requestItem: async () => ({
    body: { name: fresh('Cake'), quantity: 2, unit: 'pcs', list: 'cafe', neededBy: '2030-01-01' },
  }),
  countItem: async (world) => ({ params: { item: await item(world) }, body: { quantity: 40, note: 'shelf' } }),
  useItem: async (world) => ({ params: { item: await item(world) }, body: { quantity: 2.5 } }),
  confirmCount: async (world) => {
    const itemId = await item(world, { dailyUse: 1 })
    await countStock(world.ctx, { item: itemId, quantity: 5_000 })
    return { params: { item: itemId } }
  },
  snoozeItem: async (world) => ({ params: { item: await item(world) }, body: { days: 3, reason: 'closed' } }),
  wakeItem: async (world) => {
    const itemId = await item(world)
    await world.call('snoozeItem', { params: { item: itemId }, body: { days: 3 } })
    return { params: { item: itemId } }
  },
  confirmLink: async (world) => {
    const orderId = await orderIn(world, 'approved')
    const { product_id } = await world.ctx.db
      .selectFrom('purchasing.order_lines')
      .select('product_id')
      .where('order_id', '=', orderId)
      .executeTakeFirstOrThrow()
    return { params: { item: await item(world) }, body: { productId: product_id } }
  },
  findMovements: async (world) => {
    const itemId = await item(world)
    await countStock(world.ctx, { item: itemId, quantity: 40 })
    await countStock(world.ctx, { item: itemId, quantity: 41 })
    return { params: { item: itemId } }
  },
  undoMovement: async (world) => {
    const itemId = await item(world)
    await countStock(world.ctx, { item: itemId, quantity: 40 })
    const { id } = await world.ctx.db
      .selectFrom('stock.movements')
      .select('id')
      .where('item_id', '=', itemId)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    return { params: { movement: id } }
  },
  findSuppliers: async (world) => {
    await world.call('addSupplier', await goodCall(world, 'addSupplier'))
    return {}
  },
  addSupplier: async () => ({ body: { id: fresh('dairy'), name: 'North Dairy', currency: 'EUR', taxRate: '0.07' } }),
  updateSupplier: async (world) => {
    const request = await goodCall(world, 'addSupplier')
    await world.call('addSupplier', request)
    const { id } = request.body as { id: string }
    return { params: { supplier: id }, body: { shippingFee: '4.90', isActive: false } }
  },
  searchCatalog: async (world) => {
    await world.call('addOffer', await offer())
    return { query: { text: 'oat drink' } }
  },
  addOffer: async () => offer(),
  getPriceHistory: async (world) => {
    const request = await offer()
    await world.call('addOffer', request)
    return { params: { offer: request.body.sku } }
  },
  findOrders: async (world) => {
    await orderIn(world, 'awaiting_approval')
    return { query: { list: 'cafe', status: 'awaiting_approval' } }
  },
  getOrder: async (world) => ({ params: { order: await orderIn(world, 'submitted') } }),
  approveOrder: async (world) => ({ params: { order: await orderIn(world, 'awaiting_approval') } }),
  declineOrder: async (world) => ({
    params: { order: await orderIn(world, 'awaiting_approval') },
    body: { for: '2w' },
  }),
  cancelOrder: async (world) => ({ params: { order: await orderIn(world, 'approved') }, body: { reason: 'too much' } }),
  receiveOrder: async (world) => {
    const order = await orderIn(world, 'submitted')
    const { id } = await world.ctx.db
      .selectFrom('purchasing.order_lines')
      .select('id')
      .where('order_id', '=', order)
      .executeTakeFirstOrThrow()
    return { params: { order }, body: { lines: [{ line: id, quantity: 5 }] } }
  },
  closeOrder: async (world) => ({ params: { order: await orderIn(world, 'submitted') }, body: {} }),
  resolveOrder: async (world) => ({ params: { order: await orderIn(world, 'unknown') }, body: { placed: true } }),
  findRuns: async (world) => {
    await finishedRun(world.ctx, 'cafe')
    return { query: { list: 'cafe' } }
  },
  getRun: async (world) => ({ params: { run: await finishedRun(world.ctx, 'cafe') } }),
  startRun: async () => ({ body: { list: 'cafe', instructions: 'cheap ones', dryRun: true } }),
  findRunSteps: async (world) => ({ params: { run: await runWithSteps(world) } }),
  findSchedules: async (world) => {
    await schedule(world)
    return {}
  },
  getSchedule: async (world) => ({ params: { schedule: await schedule(world) } }),
  findNextSlots: async (world) => ({ params: { schedule: await schedule(world) }, query: { count: 3 } }),
  addSchedule: async () => ({ body: { name: fresh('weekly'), cron: '0 6 * * 1', list: 'cafe' } }),
  changeSchedule: async (world) => ({ params: { schedule: await schedule(world) }, body: { cron: '30 7 * * *' } }),
  removeSchedule: async (world) => ({ params: { schedule: await schedule(world) } }),
  pauseSchedule: async (world) => ({ params: { schedule: await schedule(world) } }),
  resumeSchedule: async (world) => ({ params: { schedule: await schedule(world, true) } }),
  runSchedule: async (world) => ({ params: { schedule: await schedule(world) } }),
  getLimits: async () => ({ query: { list: 'cafe' } }),
  setLimit: async () => ({ params: { list: 'cafe', limit: 'per_month' }, body: { value: 900_000 + ++counter } }),
  pauseBuying: async (world) => {
    const list = fresh('paused')
    await addList(world.ctx, { id: list, currency: 'EUR', timeZone: 'Europe/Berlin' })
    return { body: { list, paused: true } }
  },
  getHealth: async () => ({}),
  findAudit: async (world) => {
    const request = await goodCall(world, 'useItem')
    for (let use = 0; use < 5; use++) await world.call('useItem', request)
    return { query: { subject: String(request.params?.item) } }
  },
}

async function offer() {
  const sku = fresh('OAT')
  return { body: { supplierId: 'sim', name: `Oat drink ${sku}`, unit: 'l', packQuantity: 6, price: '10.80', sku } }
}

/** The good call of an operation. */
export function goodCall(world: ApiWorld, operationId: string): Promise<ApiRequest> {
  const prepare = goodCalls[operationId]
  if (prepare === undefined) throw new Error(`no test knows how to call ${operationId}`)
  return prepare(world)
}
