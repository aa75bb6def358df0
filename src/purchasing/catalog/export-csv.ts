import type { DomainContext } from '../../platform/context.js'
import { writeCsv } from '../../platform/csv.js'
import { formatScaled, minorUnits } from '../../platform/decimal.js'
import { type OrderColumn, orderColumns } from '../orders/order-file.js'

/** Money as people write it, in major units: 12.50. */
function major(minor: number | null, currency: string): string | null {
  return minor === null ? null : formatScaled(BigInt(minor), minorUnits(currency))
}

/** suppliers.csv, in the columns that the import reads: importing it again changes nothing. */
export async function exportSuppliers(ctx: DomainContext): Promise<string> {
  const rows = await ctx.db
    .selectFrom('purchasing.suppliers')
    .selectAll()
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute()
  return writeCsv(
    [
      'id',
      'name',
      'channel',
      'currency',
      'tax_rate',
      'shipping_fee',
      'free_shipping_over',
      'minimum_order',
      'lead_time_days',
      'url',
      'email',
    ],
    rows.map((row) => [
      row.id,
      row.name,
      row.channel,
      row.currency,
      row.tax_rate,
      major(row.shipping_fee_minor, row.currency),
      major(row.free_shipping_over_minor, row.currency),
      major(row.minimum_order_minor, row.currency),
      row.lead_time_days,
      row.url,
      row.email,
    ]),
  )
}

/** catalog.csv, in the columns that the import reads: importing it again changes nothing. */
export async function exportCatalog(ctx: DomainContext): Promise<string> {
  const rows = await ctx.db
    .selectFrom('purchasing.offers as offer')
    .innerJoin('purchasing.products as product', 'product.id', 'offer.product_id')
    .leftJoin('purchasing.offer_breaks as break', 'break.offer_id', 'offer.id')
    .select([
      'offer.supplier_id',
      'offer.sku',
      'product.gtin',
      'offer.name',
      'product.brand',
      'product.category',
      'offer.unit',
      'offer.pack_quantity',
      'offer.pack_price_minor',
      'offer.currency',
      'offer.stock_packs',
      'offer.minimum_packs',
      'break.packs as break_packs',
      'break.pack_price_minor as break_price_minor',
    ])
    .where('offer.archived_at', 'is', null)
    .orderBy('offer.supplier_id')
    .orderBy('offer.name')
    .orderBy('offer.id')
    .orderBy('break.packs')
    .execute()
  return writeCsv(
    [
      'supplier',
      'sku',
      'gtin',
      'name',
      'brand',
      'category',
      'unit',
      'pack_quantity',
      'price',
      'stock',
      'minimum_packs',
      'break_packs',
      'break_price',
    ],
    rows.map((row) => [
      row.supplier_id,
      row.sku,
      row.gtin,
      row.name,
      row.brand,
      row.category,
      row.unit,
      row.pack_quantity,
      major(row.pack_price_minor, row.currency),
      row.stock_packs,
      row.minimum_packs,
      row.break_packs,
      major(row.break_price_minor, row.currency),
    ]),
  )
}

/** orders.csv: a row a line, oldest first, in the columns that the import reads: importing it again changes nothing. */
export async function exportOrders(ctx: DomainContext, list: string): Promise<string> {
  const rows = await ctx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .selectAll('order')
    .select([
      'line.id as line_id',
      'line.item_id',
      'line.product',
      'line.sku',
      'line.packs',
      'line.pack_quantity',
      'line.quantity',
      'line.unit',
      'line.pack_price_minor',
      'line.line_total_minor',
      'line.tax_rate',
      'line.tax_minor as line_tax_minor',
      'line.received_quantity',
    ])
    .where('order.list', '=', list)
    .orderBy('order.placed_at')
    .orderBy('order.id')
    .orderBy('line.line_number')
    .execute()
  const names = Object.keys(orderColumns) as OrderColumn[]
  return writeCsv(
    names,
    rows.map((row) => {
      const money = (minor: number) => major(minor, row.currency)
      const cells: Record<OrderColumn, string | number | null> = {
        order: row.id,
        list: row.list,
        supplier: row.supplier_id,
        status: row.status,
        placed_at: row.placed_at.toISOString(),
        line: row.line_id,
        item: row.item_id,
        product: row.product,
        packs: row.packs,
        pack_quantity: row.pack_quantity,
        quantity: row.quantity,
        unit: row.unit,
        pack_price: money(row.pack_price_minor),
        line_total: money(row.line_total_minor),
        tax: money(row.line_tax_minor),
        received_quantity: row.received_quantity,
        order_total: money(row.total_minor),
        currency: row.currency,
        shipping: money(row.shipping_minor),
        order_tax: money(row.tax_minor),
        discount: money(row.discount_minor),
        expected_at: row.expected_at?.toISOString() ?? null,
        tax_rate: row.tax_rate,
        sku: row.sku,
        reference: row.supplier_reference,
      }
      return names.map((name) => cells[name])
    }),
  )
}

export const receiptColumns = ['delivery', 'order', 'line', 'quantity', 'at'] as const

/** receipts.csv: what was delivered on each order line; importing it again changes nothing, since a delivery counts once. */
export async function exportReceipts(ctx: DomainContext, list: string): Promise<string> {
  const rows = await ctx.db
    .selectFrom('purchasing.deliveries as delivery')
    .innerJoin('purchasing.orders as order', 'order.id', 'delivery.order_id')
    .select(['delivery.id', 'delivery.order_id', 'delivery.line_id', 'delivery.quantity', 'delivery.at'])
    .where('order.list', '=', list)
    .orderBy('delivery.at')
    .orderBy('delivery.id')
    .execute()
  return writeCsv(
    receiptColumns,
    rows.map((row) => [row.id, row.order_id, row.line_id, row.quantity, row.at.toISOString()]),
  )
}
