import { z } from 'zod'
import { MAX_QUANTITY } from '../../../src/platform/decimal.js'
import { decimalSchema, idSchema } from '../../tool.js'

/** An item of a list, as a model or a person names it. */
export const itemRef = z.string().trim().min(1).max(200).describe('item_id, or the exact sku, gtin or name')

export const listRef = idSchema.optional().describe('List id; may be left out where there is only one')

/** 0 is an amount too. Text is forgiven; an empty text is not 0. */
export const amount = decimalSchema.pipe(z.number().min(0).max(MAX_QUANTITY))

export const note = z.string().max(500).nullable().optional()

export const day = z.string().trim().max(40).nullable().optional()

const settingAmount = amount.nullable().optional()

/** What a person may set of an item; null clears. */
export const itemSettings = {
  sku: z.string().max(64).nullable().optional(),
  gtin: z.string().max(32).nullable().optional().describe('EAN or UPC'),
  daily_use: settingAmount.describe('Projected use a day, taken off since the last count'),
  every: z
    .string()
    .max(16)
    .nullable()
    .optional()
    .describe('Standing need: buy order_up_to each interval, such as 3d, 2w or 1m'),
  reorder_point: settingAmount.describe('Order when on hand and on order together are at or below it'),
  order_up_to: settingAmount,
  reorder_quantity: settingAmount.describe('Order at least this much at a time'),
  order_multiple: settingAmount.describe('Round up to a multiple of it'),
  minimum_quantity: settingAmount,
  max_unit_price: z
    .union([z.string().max(20), z.number()])
    .nullable()
    .optional()
    .describe("Most that one unit may cost, in the list's currency"),
  over_max: z.enum(['allow', 'round_down', 'hold']).optional().describe('When a multiple would pass order_up_to'),
  reorder: z
    .enum(['fixed', 'auto'])
    .nullable()
    .optional()
    .describe('auto: reorder point and level are worked out from what goes; what is stated holds until that is known'),
  lead_time_days: settingAmount.describe('From order to delivery; null: as past orders took'),
  service_level: z.coerce
    .number()
    .min(0.5)
    .max(0.999)
    .nullable()
    .optional()
    .describe('For auto: how often a lead time should end without running out, such as 0.95'),
  substitutes: z
    .array(z.string().trim().min(1).max(72))
    .max(10)
    .nullable()
    .optional()
    .describe('What may be bought in its place, the first first: sku:…, gtin:… or product:…'),
  category: z.string().max(100).nullable().optional(),
  notes: note,
}

const settingsInput = z.object(itemSettings)

/** In the words of the domain. */
export function toItemInput(input: z.infer<typeof settingsInput>) {
  return {
    sku: input.sku,
    gtin: input.gtin,
    dailyUse: input.daily_use,
    every: input.every,
    reorderPoint: input.reorder_point,
    orderUpTo: input.order_up_to,
    reorderQuantity: input.reorder_quantity,
    orderMultiple: input.order_multiple,
    minimumQuantity: input.minimum_quantity,
    maxUnitPrice: input.max_unit_price,
    overMax: input.over_max,
    reorder: input.reorder,
    leadTimeDays: input.lead_time_days,
    serviceLevel: input.service_level,
    substitutes: joined(input.substitutes),
    category: input.category,
    notes: input.notes,
  }
}

function joined(parts: readonly string[] | null | undefined): string | null | undefined {
  return parts === null || parts === undefined ? parts : parts.length === 0 ? null : parts.join('|')
}
