import { z } from 'zod'
import { findSuppliers } from '../../../src/purchasing/catalog/find-suppliers.js'
import { defineTool, messagesSchema, noMessages, readsOnly } from '../../tool.js'

export const listSuppliersTool = defineTool({
  name: 'list_suppliers',
  title: 'List suppliers',
  description: 'All suppliers that can be bought from, with their terms. Money is in minor units. Changes nothing.',
  audience: 'person',
  input: z.object({}),
  output: z.object({
    suppliers: z.array(
      z.object({
        supplier_id: z.string(),
        name: z.string(),
        channel: z.enum(['simulated', 'http', 'email', 'manual']),
        currency: z.string(),
        tax_rate: z.number().describe('A fraction: 0.19 is 19 %.'),
        shipping_fee_minor: z.number(),
        free_shipping_over_minor: z.number().nullable(),
        minimum_order_minor: z.number(),
        lead_time_days: z.number(),
        offers: z.number().describe('How many offers it has in the catalog.'),
      }),
    ),
    messages: messagesSchema,
  }),
  annotations: readsOnly,
  handle: async (ctx) => {
    const suppliers = await findSuppliers(ctx)
    return {
      suppliers: suppliers.map((supplier) => ({
        supplier_id: supplier.id,
        name: supplier.name,
        channel: supplier.channel,
        currency: supplier.currency,
        tax_rate: supplier.taxRate,
        shipping_fee_minor: supplier.shippingFeeMinor,
        free_shipping_over_minor: supplier.freeShippingOverMinor,
        minimum_order_minor: supplier.minimumOrderMinor,
        lead_time_days: supplier.leadTimeDays,
        offers: supplier.offerCount,
      })),
      messages: noMessages(),
    }
  },
})
