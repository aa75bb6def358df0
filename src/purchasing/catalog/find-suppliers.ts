import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { SuppliersTable } from '../tables.js'

export interface Supplier {
  readonly id: string
  readonly name: string
  readonly channel: SuppliersTable['channel']
  readonly currency: string
  /** A fraction: 0.19. */
  readonly taxRate: number
  readonly shippingFeeMinor: number
  /** null: shipping is never free. */
  readonly freeShippingOverMinor: number | null
  readonly minimumOrderMinor: number
  readonly leadTimeDays: number
  readonly url: string | null
  readonly email: string | null
  readonly offerCount: number
}

/** All suppliers that can be bought from, by id. */
export async function findSuppliers(ctx: DomainContext): Promise<Supplier[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.suppliers as supplier')
    .selectAll('supplier')
    .select(
      sql<number>`(select count(*) from purchasing.offers o where o.supplier_id = supplier.id and o.archived_at is null)`.as(
        'offer_count',
      ),
    )
    .where('supplier.archived_at', 'is', null)
    .orderBy('supplier.id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    channel: row.channel,
    currency: row.currency,
    taxRate: row.tax_rate,
    shippingFeeMinor: row.shipping_fee_minor,
    freeShippingOverMinor: row.free_shipping_over_minor,
    minimumOrderMinor: row.minimum_order_minor,
    leadTimeDays: row.lead_time_days,
    url: row.url,
    email: row.email,
    offerCount: row.offer_count,
  }))
}
