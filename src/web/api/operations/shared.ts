import { z } from '@hono/zod-openapi'

export const instant = z.iso.datetime()
export const quantity = z.number().openapi({ description: "In the item's unit, with at most 3 decimals." })
export const minor = z.int().openapi({ description: 'In minor units of the currency: 1250 is 12.50 EUR.' })

/** Words that name something of ours: an id, and for items also a sku, gtin or name. */
export const reference = z.string().min(1).max(300)
export const listId = z.string().min(1).max(64)
export const note = z.string().max(500)

/** Not needed where there is only one list. */
export const ofList = z.object({ list: listId.optional().openapi({ description: 'Not needed where only one fits.' }) })

/** What people may say without it going anywhere but into the record. */
export const reason = z.string().max(500).optional()
