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
  mean_daily_use: z.number().nullable().describe('What goes in a day, as stated or as learned'),
  use_basis: z.string().nullable().describe('Where mean_daily_use comes from'),
  days_left: z.number().int().nullable().describe('How long on_hand lasts'),
  auto: z
    .object({
      mean_daily_use: z.number(),
      sigma: z.number().describe('Standard deviation of a day'),
      lead_time_days: z.number(),
      lead_time_basis: z.enum(['stated', 'deliveries', 'default']),
      service_level: z.number(),
      z: z.number(),
      safety_stock: z.number().describe('z × sigma × √lead_time_days'),
      review_days: z.number(),
    })
    .nullable()
    .describe('What reorder_point and order_up_to were worked out from; null: they are as stated'),
  substitutes: z
    .array(z.object({ sku: z.string().optional(), gtin: z.string().optional(), product_id: z.string().optional() }))
    .describe('What may be bought in its place, the first first'),
  needed_by: z.string().nullable().describe("Of a one-off: the last day on which it may come, in the list's time zone"),
  urgency: z.number().int().describe('How many times an ordinary need it counts where money is short'),
  top_up: z.number().describe('Not due, but this much may be bought along where that makes an order cheaper'),
  top_up_portions: z
    .object({ least: z.number(), multiple: z.number().nullable(), most: z.number().nullable() })
    .nullable()
    .describe('Which parts of top_up may be bought; null: any'),
  version: z.string().describe('Changes whenever a person changes the settings of the item'),
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
    mean_daily_use: item.meanDailyUse,
    use_basis: item.useBasis,
    days_left: item.daysLeft,
    auto: item.auto === null ? null : toAuto(item.auto),
    substitutes: item.substitutes.map(toSubstitute),
    needed_by: item.neededBy,
    urgency: item.urgency,
    top_up: item.topUp,
    top_up_portions: item.topUpPortions,
    version: item.version,
  }
}

function toAuto(auto: NonNullable<ItemView['auto']>) {
  return {
    mean_daily_use: auto.meanDailyUse,
    sigma: auto.sigma,
    lead_time_days: auto.leadTimeDays,
    lead_time_basis: auto.leadTimeBasis,
    service_level: auto.serviceLevel,
    z: auto.z,
    safety_stock: auto.safetyStock,
    review_days: auto.reviewDays,
  }
}

function toSubstitute({ kind, ref }: ItemView['substitutes'][number]) {
  return kind === 'product' ? { product_id: ref } : kind === 'gtin' ? { gtin: ref } : { sku: ref }
}
