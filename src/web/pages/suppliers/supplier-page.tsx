import { formatMoney } from '../../../platform/decimal.js'
import type { Supplier } from '../../../purchasing/catalog/find-suppliers.js'
import { Crumb } from '../crumb.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { Badge, Empty, Facts, Name, Pager, withQuery } from '../parts.js'
import type { OfferRow } from './supplier-queries.js'
import { percent } from './suppliers-page.js'

interface SupplierProps {
  readonly supplier: Supplier
  readonly offers: readonly OfferRow[]
  readonly hasMore: boolean
  readonly search: string
  readonly page: number
}

const columns: readonly DataColumn<OfferRow>[] = [
  {
    title: 'Offer',
    cell: ({ name, productId }) => (
      <a href={`/catalog/${encodeURIComponent(productId)}`}>
        <Name text={name} />
      </a>
    ),
  },
  { title: 'Sku', cell: ({ sku }) => (sku === null ? null : <Name text={sku} />) },
  { title: 'Pack', cell: ({ packQuantity, unit }) => `${packQuantity} ${unit}`, kind: 'number' },
  { title: 'Price', cell: ({ packPriceMinor, currency }) => formatMoney(packPriceMinor, currency), kind: 'number' },
  { title: 'Left', cell: ({ stock }) => stock, kind: 'number' },
]

export function SupplierView({ supplier, offers, hasMore, search, page }: SupplierProps) {
  const { id, name, currency } = supplier
  const path = (to: number) => withQuery(`/suppliers/${id}`, { q: search, page: to === 1 ? null : to })
  const money = (amountMinor: number) => formatMoney(amountMinor, currency)
  return (
    <>
      <Crumb href="/suppliers">Suppliers</Crumb>
      <div class="head">
        <h1>
          <Name text={name} />
        </h1>
        {supplier.isActive ? null : <Badge tone="warn">not bought from</Badge>}
        <div class="actions">
          <a class="button secondary" href={`/suppliers/${id}/edit`}>
            Edit
          </a>
          <a class="button secondary" href={withQuery('/orders', { supplier: id })}>
            Its orders
          </a>
          <a class="button secondary" href="/catalog/import">
            Import a catalog
          </a>
        </div>
      </div>
      <Facts
        facts={[
          ['Id', <code>{id}</code>],
          ['Orders go by', supplier.channel],
          ['Currency', currency],
          ['Tax', percent(supplier.taxRate)],
          ['Shipping', money(supplier.shippingFeeMinor)],
          supplier.freeShippingOverMinor === null ? null : ['Free over', money(supplier.freeShippingOverMinor)],
          ['Minimum order', money(supplier.minimumOrderMinor)],
          ['Lead time', `${supplier.leadTimeDays} days`],
          ['URL', supplier.url],
          ['E-mail', supplier.email],
        ]}
      />
      <h2>Offers</h2>
      <form method="get" action={`/suppliers/${id}`} class="inline" aria-label="Find offers">
        <label>
          Find by name or sku
          <input type="search" name="q" value={search} maxlength={200} />
        </label>
        <button type="submit" class="secondary">
          Find
        </button>
      </form>
      {offers.length === 0 ? (
        <Empty>
          {search === '' ? (
            <>
              It has no offers yet. <a href="/catalog/import">Import its catalog</a>.
            </>
          ) : (
            `It offers nothing like “${search}”.`
          )}
        </Empty>
      ) : (
        <DataTable columns={columns} rows={offers} label={`Offers of ${name}`} />
      )}
      <Pager first={page > 1 ? path(1) : null} next={hasMore ? path(page + 1) : null} text={`page ${page}`} />
    </>
  )
}
