import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { SuppliersTable } from '../tables.js'
import { maskLogin } from './supplier-url.js'

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
  /** Without what one logs in with there. */
  readonly url: string | null
  readonly email: string | null
  readonly offerCount: number
  /** Whether it is bought from. */
  readonly isActive: boolean
}

/** All suppliers that are bought from, by id; if asked for, those that aren't any more as well. */
export async function findSuppliers(
  ctx: DomainContext,
  { withInactive = false }: { readonly withInactive?: boolean } = {},
): Promise<Supplier[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.suppliers as supplier')
    .selectAll('supplier')
    .select(
      sql<number>`(select count(*) from purchasing.offers o where o.supplier_id = supplier.id and o.archived_at is null)`.as(
        'offer_count',
      ),
    )
    .$if(!withInactive, (query) => query.where('supplier.archived_at', 'is', null))
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
    url: maskLogin(row.url),
    email: row.email,
    offerCount: row.offer_count,
    isActive: row.archived_at === null,
  }))
}
