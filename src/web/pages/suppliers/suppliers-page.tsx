import { formatMoney } from '../../../platform/decimal.js'
import type { Supplier } from '../../../purchasing/catalog/find-suppliers.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { Empty, Name } from '../parts.js'

const columns: readonly DataColumn<Supplier>[] = [
  {
    title: 'Supplier',
    cell: ({ id, name }) => (
      <a href={`/suppliers/${id}`}>
        <Name text={name} />
      </a>
    ),
  },
  { title: 'Orders go by', cell: ({ channel }) => channel },
  { title: 'Offers', cell: ({ offerCount }) => offerCount, kind: 'number' },
  { title: 'Lead time', cell: ({ leadTimeDays }) => `${leadTimeDays} d`, kind: 'number' },
  { title: 'Shipping', cell: (each) => formatMoney(each.shippingFeeMinor, each.currency), kind: 'number' },
  { title: 'Free over', cell: freeOver, kind: 'number' },
  { title: 'Minimum', cell: (each) => formatMoney(each.minimumOrderMinor, each.currency), kind: 'number' },
  { title: 'Tax', cell: ({ taxRate }) => percent(taxRate), kind: 'number' },
]

function freeOver({ freeShippingOverMinor, currency }: Supplier): string | null {
  return freeShippingOverMinor === null ? null : formatMoney(freeShippingOverMinor, currency)
}

export function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(3))} %`
}

export function Suppliers({ suppliers: all }: { suppliers: readonly Supplier[] }) {
  const suppliers = all.filter(({ isActive }) => isActive)
  const inactive = all.filter(({ isActive }) => !isActive)
  return (
    <>
      <div class="head">
        <h1>Suppliers</h1>
        <div class="actions">
          <a class="button secondary" href="/suppliers/import">
            Import suppliers
          </a>
          <a class="button secondary" href="/catalog/import">
            Import a catalog
          </a>
          <a class="button" href="/suppliers/new">
            Add a supplier
          </a>
        </div>
      </div>
      <CatalogSearch search="" />
      {suppliers.length === 0 ? (
        <Empty>
          <p>There are no suppliers {inactive.length === 0 ? 'yet' : 'to buy from'}, so nothing can be ordered.</p>
          <p>
            <a href="/suppliers/import">Import them from a CSV file</a> or <a href="/suppliers/new">add one</a>, then{' '}
            <a href="/catalog/import">import what they offer</a>.
          </p>
        </Empty>
      ) : (
        <DataTable columns={columns} rows={suppliers} label="Suppliers" />
      )}
      {inactive.length === 0 ? null : (
        <>
          <h2>Not bought from</h2>
          <ul>
            {inactive.map(({ id, name }) => (
              <li>
                <a href={`/suppliers/${id}`}>
                  <Name text={name} />
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

export function CatalogSearch({ search }: { search: string }) {
  return (
    <form method="get" action="/catalog" class="inline" aria-label="Search the catalog">
      <label>
        Search all catalogs
        <input type="search" name="q" value={search} maxlength={200} />
      </label>
      <button type="submit" class="secondary">
        Search
      </button>
    </form>
  )
}
