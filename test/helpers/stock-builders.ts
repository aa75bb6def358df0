import type { DomainContext } from '../../src/platform/context.js'
import { type Receipt, signReceipt } from '../../src/platform/receipt.js'
import type { Caller } from '../../src/platform/run-context.js'
import { addItem, type NewItem } from '../../src/stock/add-item.js'
import type { OrderEvent } from '../../src/stock/apply-order-events.js'
import { beginRun } from '../../src/stock/begin-run.js'
import { getItem } from '../../src/stock/get-item.js'
import type { ItemView } from '../../src/stock/item-view.js'
import { addList, type ListDefinition } from '../../src/stock/lists.js'

let counter = 0

/** A list of its own for one test; returns its id. */
export async function buildList(ctx: DomainContext, overrides: Partial<ListDefinition> = {}): Promise<string> {
  const list = await addList(ctx, { id: `list-${++counter}`, currency: 'EUR', timeZone: 'Europe/Berlin', ...overrides })
  return list.id
}

/** An item that is due unless the overrides say otherwise (nothing there, reorder point 10, level 40); returns its id. */
export async function buildItem(
  ctx: DomainContext,
  overrides: Partial<NewItem> & { readonly list: string },
): Promise<string> {
  const { itemId } = await addItem(ctx, {
    name: `Item ${++counter}`,
    unit: 'pcs',
    onHand: 0,
    reorderPoint: 10,
    orderUpTo: 40,
    ...overrides,
  })
  return itemId
}

export async function viewOf(ctx: DomainContext, itemId: string): Promise<ItemView> {
  return (await getItem(ctx, { item: itemId })).item
}

/** A run that has begun on the list, ready to call tools. */
export async function buildRun(ctx: DomainContext, list: string, epoch = 1): Promise<Extract<Caller, { kind: 'run' }>> {
  const run = `run_${++counter}`
  await beginRun(ctx, { run, list, epoch })
  return { kind: 'run', run, list, epoch, dryRun: false }
}

/** What ordering says of a line: 30 ordered, nothing received yet. Each gets an id and a number of its own. */
export function buildEvent(
  ctx: DomainContext,
  overrides: Partial<OrderEvent> & Pick<OrderEvent, 'list' | 'itemId'>,
): OrderEvent {
  const seq = ++counter
  return {
    eventId: `evt_${seq}`,
    seq,
    type: 'line_changed',
    orderId: `ord_${overrides.itemId}`,
    lineId: `lin_${overrides.itemId}`,
    supplierId: 'sup_1',
    status: 'submitted',
    quantity: 30,
    receivedQuantity: 0,
    isFinal: false,
    expectedAt: null,
    at: ctx.clock.now(),
    deliveryId: null,
    deliveredQuantity: null,
    ...overrides,
  }
}

/** A receipt as ordering signs it, for one order with a line for each of the items. */
export function buildReceipt(
  ctx: DomainContext,
  content: {
    readonly list: string
    readonly run?: string
    readonly status?: string
    readonly lines: Readonly<Record<string, number>>
  },
): string {
  const order = `ord_${++counter}`
  const receipt: Receipt = {
    v: 1,
    run: content.run ?? null,
    list: content.list,
    currency: 'EUR',
    issued_at: ctx.clock.now().toISOString(),
    orders: [
      {
        order_id: order,
        supplier_id: 'sup_1',
        status: content.status ?? 'approved',
        expected_at: null,
        lines: Object.entries(content.lines).map(([itemId, quantity]) => ({
          line_id: `${order}_${itemId}`,
          item_id: itemId,
          quantity,
          unit: 'pcs',
        })),
      },
    ],
  }
  return signReceipt(ctx.secret, receipt)
}
