import { formatMoney } from '../../../platform/decimal.js'
import type { FoundProduct } from '../../../purchasing/catalog/search-catalog.js'
import { Crumb } from '../crumb.js'
import { Empty, Name } from '../parts.js'
import { CatalogSearch } from './suppliers-page.js'

export function Catalog({ search, products }: { search: string; products: readonly FoundProduct[] }) {
  return (
    <>
      <Crumb href="/suppliers">Suppliers</Crumb>
      <div class="head">
        <h1>Catalog</h1>
      </div>
      <CatalogSearch search={search} />
      {products.length === 0 ? (
        <Empty>{search === '' ? 'Search by name, sku or gtin.' : `Nothing in the catalog is like “${search}”.`}</Empty>
      ) : (
        <ul class="cards">
          {products.map(({ productId, name, brand, category, offers }) => (
            <li class="card">
              <h2>
                <a href={`/catalog/${encodeURIComponent(productId)}`}>
                  <Name text={name} />
                </a>
              </h2>
              <p class="soft small">{[brand, category].filter((each) => each !== null).join(', ')}</p>
              <ul class="cards">
                {offers.map((offer) => (
                  <li class="row">
                    <a href={`/suppliers/${offer.supplierId}`}>{offer.supplierId}</a>
                    <span class="soft small">
                      {offer.packQuantity} {offer.unit}
                    </span>
                    <span class="number last">{formatMoney(offer.packPriceMinor, offer.currency)}</span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
