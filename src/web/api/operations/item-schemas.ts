import { z } from '@hono/zod-openapi'
import { instant, listId, quantity } from './shared.js'

const step = z.object({ rule: z.string(), from: z.number(), to: z.number() })

export const itemSchema = z
  .object({
    itemId: z.string(),
    list: z.string(),
    name: z.string(),
    kind: z.enum(['stock', 'standing', 'one_off']),
    unit: z.string(),
    category: z.string().nullable(),
    notes: z.string().nullable(),
    sku: z.string().nullable(),
    gtin: z.string().nullable(),
    maxUnitPrice: z.string().nullable().openapi({ description: 'Per unit, in major units of the currency.' }),
    onHand: quantity,
    onOrder: quantity,
    position: quantity,
    due: z.boolean(),
    need: z.number().openapi({ description: 'How much to buy now.' }),
    steps: z.array(step).openapi({ description: 'How the need came about.' }),
    attention: z.string().nullable().openapi({ description: 'Why a person should look at it.' }),
    dailyUse: z.number().nullable(),
    meanDailyUse: z.number().nullable(),
    useBasis: z.string().nullable(),
    daysLeft: z.number().nullable(),
    every: z.string().nullable(),
    reorder: z.enum(['fixed', 'auto']),
    reorderPoint: z.number().nullable(),
    orderUpTo: z.number().nullable(),
    reorderQuantity: z.number().nullable(),
    orderMultiple: z.number().nullable(),
    minimumQuantity: z.number().nullable(),
    overMax: z.enum(['allow', 'round_down', 'hold']),
    leadTimeDays: z.number().nullable(),
    serviceLevel: z.number().nullable(),
    substitutes: z.array(z.object({ kind: z.enum(['sku', 'gtin', 'product']), ref: z.string() })),
    requestedQuantity: z.number().nullable(),
    neededBy: z.string().nullable(),
    links: z.array(z.object({ productId: z.string(), status: z.enum(['confirmed', 'proposed']) })),
    origin: z.enum(['person', 'agent']),
    snoozedUntil: instant.nullable(),
    snoozeReason: z.string().nullable(),
  })
  .openapi('Item')

export const needSchema = itemSchema
  .pick({
    itemId: true,
    list: true,
    name: true,
    kind: true,
    unit: true,
    onHand: true,
    onOrder: true,
    position: true,
    reorderPoint: true,
    orderUpTo: true,
    need: true,
    steps: true,
    daysLeft: true,
    neededBy: true,
    attention: true,
  })
  .openapi('Need')

export const movementSchema = z
  .object({
    movementId: z.int(),
    at: instant,
    kind: z.enum(['count', 'use', 'delivery', 'adjustment']),
    quantity: z.number().openapi({ description: 'Signed change.' }),
    counted: z.number().nullable(),
    cause: z.string(),
    actor: z.string(),
    undoes: z.int().nullable(),
    undoneBy: z.int().nullable(),
  })
  .openapi('Movement')

export const expectedSchema = z.object({
  orderId: z.string(),
  supplierId: z.string(),
  openQuantity: z.number(),
  expectedAt: instant.nullable(),
  status: z.string(),
})

export const stockChangedSchema = z
  .object({
    itemId: z.string(),
    name: z.string(),
    unit: z.string(),
    before: z.number(),
    onHand: z.number(),
    doubt: z.string().nullable().openapi({ description: 'Why nothing is bought before a person confirms the count.' }),
  })
  .openapi('StockChanged')

const text = z.string().max(600).nullable().optional()
const number = z.number().nullable().optional()

/** Null clears a setting. */
const settings = {
  sku: text,
  gtin: text,
  dailyUse: number,
  every: text.openapi({ example: '2w' }),
  reorderPoint: number,
  orderUpTo: number,
  reorderQuantity: number,
  orderMultiple: number,
  minimumQuantity: number,
  maxUnitPrice: z
    .union([z.string().max(40), z.number()])
    .nullable()
    .optional(),
  overMax: z.enum(['allow', 'round_down', 'hold']).nullable().optional(),
  reorder: z.enum(['fixed', 'auto']).nullable().optional(),
  leadTimeDays: number,
  serviceLevel: number,
  substitutes: text.openapi({ example: 'sku:OM-2 | gtin:4006381333931' }),
  category: text,
  notes: text,
}

export const newItemSchema = z.strictObject({
  name: z.string().min(1).max(200),
  unit: z.string().min(1).max(32),
  list: listId.optional(),
  onHand: z.number().min(0).optional(),
  ...settings,
})

export const itemChangesSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  unit: z.string().min(1).max(32).optional(),
  requestedQuantity: number,
  neededBy: text.openapi({ example: '2026-03-31' }),
  ...settings,
})
