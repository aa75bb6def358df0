import { openQueue } from '../../src/platform/queue.js'
import { addOffer } from '../../src/purchasing/catalog/add-offer.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { failRun } from '../../src/runs/finish-run.js'
import { announceWorker } from '../../src/runs/workers.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { countStock } from '../../src/stock/count-stock.js'
import { confirmLink } from '../../src/stock/link-product.js'
import { listItems } from '../../src/stock/list-items.js'
import { recordUse } from '../../src/stock/record-use.js'
import { requestItem } from '../../src/stock/request-item.js'
import { snoozeItem } from '../../src/stock/snooze-item.js'
import { startWeb } from '../../src/web/start-web.js'
import { openTestShop, type TestShop } from './cafe.js'
import { localWeb } from './web.js'

/** The example café after some days of work, with its dashboard. */
export interface WebShop extends TestShop {
  readonly url: string
  /** Ids of one of each, to be looked at. */
  readonly ids: {
    readonly item: string
    readonly run: string
    readonly failedRun: string
    readonly product: string
    readonly supplier: string
    readonly waiting: string
    readonly partly: string
    readonly unknown: string
  }
}

export async function openWebShop(): Promise<WebShop> {
  const shop = await openTestShop()
  const { ctx, database } = shop
  const queue = openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'test', log: ctx.log })
  const { clock } = database
  const milk = 'Whole milk 3.5%'
  for (const counted of [40, 33, 26]) {
    await countStock(ctx, { item: milk, quantity: counted, actor: 'test' })
    clock.advance(2 * 86_400_000)
  }
  const common = {
    name: 'Oat drink test 6 x 1 l',
    unit: 'l',
    packQuantity: 6,
    sku: 'TEST-1',
  }
  const [known] = await ctx.db.selectFrom('purchasing.suppliers').select('id').orderBy('id').execute()
  const supplier = known?.id ?? ''
  for (const price of ['10.80', '11.20', '9.90']) {
    await addOffer(ctx, { ...common, supplierId: supplier, price })
    clock.advance(86_400_000)
  }
  const run = await shop.run()
  await makeOneWait(shop)
  await shop.submitAndDeliver()
  clock.advance(86_400_000)
  await recordUse(ctx, { item: milk, quantity: 2, note: 'birthday party', actor: 'test' })

  const { id: failedRun } = await createRun(ctx, { list: 'cafe' })
  await claimRun(ctx, { runId: failedRun, workerId: 'test', leaseMs: 60_000 })
  await failRun(ctx, { runId: failedRun, epoch: 1, error: 'The model is away.' })

  const orders = await findOrders(ctx, { limit: 50 })
  const waiting = orders.find(({ status }) => status === 'awaiting_approval')
  const [first, second] = orders.filter(({ status }) => status === 'confirmed' || status === 'submitted')
  const [line] = first?.lines ?? []
  if (waiting === undefined || first === undefined || second === undefined || line === undefined) {
    throw new Error('the example places fewer orders than it did')
  }
  const came = { line: line.lineId, quantity: line.packQuantity }
  await receiveOrder(ctx, { orderId: first.orderId, lines: [came], by: 'test' })
  await ctx.db
    .updateTable('purchasing.orders')
    .set({ status: 'unknown', submitted_at: clock.now() })
    .where('id', '=', second.orderId)
    .execute()

  const offer = await ctx.db
    .selectFrom('purchasing.offers')
    .select('product_id')
    .where('sku', '=', 'TEST-1')
    .executeTakeFirstOrThrow()

  const items = await listItems(ctx, { list: 'cafe', filter: 'all' })
  const item = items.find(({ name }) => name === milk)?.itemId ?? ''
  await confirmLink(ctx, { itemId: item, productId: offer.product_id, actor: 'test' })
  await snoozeItem(ctx, { item: 'Paper straws', days: 5, reason: 'closed for holidays', actor: 'test' })
  await requestItem(ctx, { list: 'cafe', name: 'Birthday cake', quantity: 2, unit: 'pcs', actor: 'test' })
  await addSchedule(ctx, {
    name: 'cafe-daily',
    list: 'cafe',
    cron: '0 6 * * 1-5',
    timeZone: 'Europe/Berlin',
    misfire: 'run_once',
    overlap: 'skip',
    instructions: 'Prefer fewer deliveries.',
    isPaused: false,
  })
  const worker = await announceWorker(ctx, 'test-worker')
  const web = await startWeb({ ctx, queue, config: { web: localWeb } })
  return {
    ...shop,
    url: web.url,
    ids: {
      item,
      run: run.id,
      failedRun,
      product: offer.product_id,
      supplier,
      waiting: waiting.orderId,
      partly: first.orderId,
      unknown: second.orderId,
    },
    close: async () => {
      await web.close()
      await worker.withdraw()
      await queue.close()
      await shop.close()
    },
  }
}

/** Whatever the example's prices are, two orders wait for a person at least. */
async function makeOneWait({ ctx }: TestShop): Promise<void> {
  const [approved] = await findOrders(ctx, { status: 'approved', limit: 1 })
  if (approved === undefined) throw new Error('the example places fewer orders than it did')
  await ctx.db
    .updateTable('purchasing.orders')
    .set({
      status: 'awaiting_approval',
      approval_reasons: JSON.stringify(['Somebody wants to look at it.']),
      approval_expires_at: new Date(ctx.clock.now().getTime() + 3 * 86_400_000),
    })
    .where('id', '=', approved.orderId)
    .execute()
}
