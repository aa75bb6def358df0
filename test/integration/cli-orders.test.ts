import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setLimit } from '../../src/purchasing/limits/list-limits.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import type { Order } from '../../src/purchasing/orders/get-order.js'
import { createRun } from '../../src/runs/create-run.js'
import type { RunReport } from '../../src/runs/run-report.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { testSecret } from '../helpers/test-database.js'

let shop: TestShop
let cli: TestCli
let runId: string
let orders: readonly Order[]

beforeAll(async () => {
  shop = await openTestShop()
  await setLimit(shop.ctx, { list: 'cafe', kind: 'approve_above', value: '0' })
  runId = (await shop.run()).id
  orders = await findOrders(shop.ctx, { runId })
  const offsetMs = shop.ctx.clock.now().getTime() - Date.now()
  cli = createTestCli({
    env: { DATABASE_URL: shop.database.url, RESTOCK_SECRET: testSecret, RESTOCK_CLOCK_OFFSET_MS: String(offsetMs) },
  })
})

afterAll(async () => {
  cli?.remove()
  await shop?.close()
})

function nth(at: number): Order {
  const order = orders[at]
  if (order === undefined) throw new Error(`the run placed only ${orders.length} orders`)
  return order
}

describe('runs', () => {
  it('are listed with decisions and totals', async () => {
    const { runs } = (await cli.run('runs', '--json')).json() as { runs: Record<string, unknown>[] }
    expect(runs).toMatchObject([
      { id: runId, list: 'cafe', status: 'completed', trigger: 'manual', model: 'rules', attempts: 1, dryRun: false },
    ])
    expect(runs[0]?.decisions).toMatchObject({ pending_approval: expect.any(Number) })
    expect(runs[0]?.orders).toHaveLength(orders.length)
    const text = (await cli.run('runs', '--list', 'cafe')).stdout
    expect(text).toContain(runId)
    expect(text).toMatch(/\d+ pending approval/)
    expect((await cli.run('runs', '--status', 'failed')).stdout).toContain('There are no such runs')
  })

  it('are shown one by one, in the form that programs rely on', async () => {
    const { run } = (await cli.run('runs', 'show', runId, '--json')).json() as unknown as RunReport
    expect(Object.keys(run)).toEqual([
      ...['id', 'status', 'trigger', 'list', 'model', 'attempts', 'startedAt', 'finishedAt', 'dryRun'],
      ...['usage', 'items', 'orders', 'summary'],
    ])
    expect(run.usage.modelCalls).toBeGreaterThan(0)
    expect(Object.keys(run.items[0] ?? {})).toEqual([
      ...['itemId', 'name', 'decision', 'reason', 'needQuantity', 'orderedQuantity', 'unit'],
    ])
    for (const order of run.orders) {
      expect(order.lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(order.subtotalMinor)
      expect(order.subtotalMinor + order.shippingMinor + order.taxMinor - order.discountMinor).toBe(order.totalMinor)
      for (const line of order.lines) {
        expect(Object.keys(line)).toEqual([
          ...[
            'itemId',
            'product',
            'packs',
            'packQuantity',
            'quantity',
            'unit',
            'packPriceMinor',
            'taxMinor',
            'lineTotalMinor',
          ],
        ])
      }
    }
    const text = (await cli.run('runs', 'show', 'latest')).stdout
    expect(text).toContain(run.summary.split('\n')[0])
    expect(text).toMatch(/status +completed/)
  })

  it('that nobody has taken yet are shown as such', async () => {
    const pending = await createRun(shop.ctx, { list: 'cafe', instructions: 'only milk' })
    const { run } = (await cli.run('runs', 'show', pending.id, '--json')).json() as unknown as RunReport
    expect(run).toMatchObject({
      status: 'pending',
      model: null,
      attempts: 0,
      startedAt: null,
      items: [],
      orders: [],
      summary: '',
    })
    expect((await cli.run('runs', 'show', pending.id)).stdout).toContain('only milk')
  })

  it('refuses what is not there', async () => {
    expect(await cli.run('runs', 'show', 'run_x')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('run_x'),
    })
    expect(await cli.run('runs', '--status', 'done')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('completed'),
    })
  })
})

describe('orders', () => {
  it('are listed by status', async () => {
    const waiting = await cli.run('orders', 'list', '--status', 'awaiting_approval', '--json')
    expect(waiting.json().orders).toHaveLength(orders.length)
    const text = (await cli.run('orders', 'list', '--run', runId)).stdout
    for (const order of orders) expect(text).toContain(order.orderId)
    expect(await cli.run('orders', 'list', '--status', 'lost')).toMatchObject({ exitCode: 2 })
  })

  it('are shown with lines, totals and story', async () => {
    const order = nth(0)
    const text = (await cli.run('orders', 'show', order.orderId)).stdout
    for (const line of order.lines) expect(text).toContain(line.lineId)
    expect(text).toMatch(/needs approval +\S/)
    expect(text).toContain('What happened:')
    expect((await cli.run('orders', 'show', order.orderId, '--json')).json()).toMatchObject({
      order: { orderId: order.orderId, totalMinor: order.totalMinor },
      history: expect.arrayContaining([expect.objectContaining({ kind: 'placed' })]),
    })
  })

  it('are approved, by name, and received in parts', async () => {
    const { orderId, lines } = nth(0)
    const approved = await cli.run('orders', 'approve', orderId, '--json')
    expect(approved.json()).toMatchObject({ order: { status: 'approved', approvedBy: 'tester' } })
    expect(approved.stderr).toContain('restock up')
    expect(await cli.run('orders', 'approve', orderId)).toMatchObject({ exitCode: 1, stdout: '' })

    // The command's clock went on while ours stood still.
    shop.database.clock.advance(60_000)
    await shop.submitAndDeliver()
    const [line] = lines
    const partly = await cli.run('orders', 'receive', orderId, '--line', `${line?.lineId}=0.5`, '--json')
    expect(partly.json()).toMatchObject({ order: { status: 'partially_received' } })
    expect((await cli.run('orders', 'receive', orderId)).stdout).toMatch(/is received\.\n$/)
    expect(await cli.run('orders', 'close', orderId)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('ended already'),
    })
  })

  it('are declined with a reason', async () => {
    const { orderId } = nth(1)
    const declined = await cli.run('orders', 'decline', orderId, '--reason', 'too dear', '--for', '2w', '--json')
    expect(declined.json()).toMatchObject({ order: { status: 'declined', statusReason: 'too dear' } })
    const leftOut = () =>
      shop.ctx.db.selectFrom('purchasing.declined_items').select('until').where('order_id', '=', orderId).execute()
    const [first] = await leftOut()
    const days = ((first?.until.getTime() ?? 0) - shop.ctx.clock.now().getTime()) / 86_400_000
    expect(Math.round(days)).toBe(14)
    expect(await cli.run('orders', 'decline', orderId)).toMatchObject({ exitCode: 1, stdout: '' })
    expect((await cli.run('orders', 'decline', orderId, '--for', '0')).stdout).toMatch(/is declined\.\n$/)
    expect(await leftOut()).toEqual([])
  })

  it('that cost more by now are not approved, and the command says what has changed', async () => {
    const { orderId, lines } = nth(4)
    await shop.ctx.db
      .updateTable('purchasing.offers')
      .set((set) => ({ pack_price_minor: set('pack_price_minor', '+', 1) }))
      .where('id', '=', lines[0]?.offerId ?? '')
      .execute()
    const { exitCode, stdout, stderr } = await cli.run('orders', 'approve', orderId)
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /was not approved, since it is not what you were asked about any more: .* EUR a pack now instead of/,
    )
    expect((await cli.run('orders', 'show', orderId)).stdout).toMatch(/status +expired\nbecause +it was not what/)
  })

  it('are taken back before they are sent, and closed after', async () => {
    const { orderId } = nth(2)
    expect((await cli.run('orders', 'cancel', orderId)).stdout).toMatch(/is cancelled\.\n$/)
    expect(await cli.run('orders', 'cancel', orderId)).toMatchObject({ exitCode: 1, stdout: '' })
  })

  it.each([
    [['resolve', 'ord_x'], 2, /--placed or --not-placed/],
    [['resolve', 'ord_x', '--placed', '--not-placed'], 2, /--placed or --not-placed/],
    [['resolve', 'ord_x', '--placed'], 2, /ord_x/],
    [['show', 'ord_x'], 2, /ord_x/],
    [['decline', 'ord_x', '--for', 'ages'], 2, /"ages" is not a term; write 0, or days, weeks or months/],
    [['receive', 'ord_x', '--line', 'seven'], 2, /--line: "seven"/],
    [['receive', 'ord_x', '--line', 'lin_1=x'], 2, /--line: "x" is not a number/],
  ])('refuses %j', async (args, code, message) => {
    const { stdout, stderr, exitCode } = await cli.run('orders', ...args)
    expect([stdout, exitCode]).toEqual(['', code])
    expect(stderr).toMatch(message)
  })

  it('in doubt are resolved by a person', async () => {
    const { orderId } = nth(3)
    expect(await cli.run('orders', 'resolve', orderId, '--not-placed')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no doubt'),
    })
    await cli.run('orders', 'approve', orderId)
    // What an order without an answer looks like.
    await shop.ctx.db.updateTable('purchasing.orders').set({ status: 'unknown' }).where('id', '=', orderId).execute()
    const resolved = await cli.run('orders', 'resolve', orderId, '--not-placed', '--json')
    expect(resolved.json()).toMatchObject({ order: { status: 'rejected' } })
  })
})
