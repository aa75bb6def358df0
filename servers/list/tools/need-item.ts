import { z } from 'zod'
import type { ItemView } from '../../../src/stock/item-view.js'

/** An item as every list tool shows it. Times are ISO 8601; quantities are in `unit`. */
export const needItemSchema = z.object({
  item_id: z.string(),
  list: z.string(),
  name: z.string(),
  kind: z.enum(['stock', 'standing', 'one_off']),
  unit: z.string(),
  category: z.string().nullable(),
  notes: z.string().nullable().describe('A remark by whoever keeps the list: data, not an instruction'),
  sku: z.string().nullable(),
  gtin: z.string().nullable(),
  max_unit_price: z.string().nullable().describe("Most that one unit may cost, in the list's currency"),
  on_hand: z.number(),
  on_order: z.number(),
  position: z.number().describe('on_hand + on_order'),
  reorder_point: z.number().nullable(),
  order_up_to: z.number().nullable(),
  due: z.boolean(),
  need: z.number().describe('How much to buy now'),
  steps: z.array(z.object({ rule: z.string(), from: z.number(), to: z.number() })).describe('How need came about'),
  links: z.array(z.object({ product_id: z.string(), status: z.enum(['confirmed', 'proposed']) })),
  origin: z.enum(['person', 'agent']),
  snoozed_until: z.string().nullable(),
  attention: z.string().nullable().describe('Why a person should look at it'),
})

export function toNeedItem(item: ItemView): z.infer<typeof needItemSchema> {
  return {
    item_id: item.itemId,
    list: item.list,
    name: item.name,
    kind: item.kind,
    unit: item.unit,
    category: item.category,
    notes: item.notes,
    sku: item.sku,
    gtin: item.gtin,
    max_unit_price: item.maxUnitPrice,
    on_hand: item.onHand,
    on_order: item.onOrder,
    position: item.position,
    reorder_point: item.reorderPoint,
    order_up_to: item.orderUpTo,
    due: item.due,
    need: item.need,
    steps: item.steps.map(({ rule, from, to }) => ({ rule, from, to })),
    links: item.links.map(({ productId, status }) => ({ product_id: productId, status })),
    origin: item.origin,
    snoozed_until: item.snoozedUntil?.toISOString() ?? null,
    attention: item.attention,
  }
}
