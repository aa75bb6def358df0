import { formatMoney } from '../../../platform/decimal.js'
import type { FoundProduct } from '../../../purchasing/catalog/search-catalog.js'
import { ActionButton } from '../form.js'
import { Badge, Name } from '../parts.js'
import type { ItemFacts } from './item-queries.js'

/** Which products of the catalog the item is: known ones, and a search for the right one. */
export function ProductLinks({ facts, search, path }: { facts: ItemFacts; search: string; path: string }) {
  const { item, products, candidates } = facts
  return (
    <>
      {item.links.length === 0 ? (
        <p class="soft">
          No product is linked; runs find it by {item.sku === null && item.gtin === null ? 'its name' : 'sku or gtin'}.
        </p>
      ) : (
        <ul class="cards">
          {item.links.map(({ productId, status }) => (
            <li class="row">
              <a href={`/catalog/${productId}`}>
                <Name text={products.get(productId) ?? productId} />
              </a>
              <Badge tone={status === 'confirmed' ? 'good' : 'warn'}>{status}</Badge>
              {status === 'proposed' ? <Confirm path={path} productId={productId} /> : null}
            </li>
          ))}
        </ul>
      )}
      <form method="get" action={path} class="inline">
        <label>
          Find its product in the catalog
          <input type="search" name="product" value={search === '' ? item.name : search} maxlength={200} />
        </label>
        <button type="submit" class="secondary">
          Find
        </button>
      </form>
      {candidates === null ? null : candidates.products.length === 0 ? (
        <p>Nothing in the catalog is like that.</p>
      ) : (
        <ul class="cards">
          {candidates.products.map((product) => (
            <li class="card">
              <div class="row">
                <a href={`/catalog/${product.productId}`}>
                  <Name text={product.name} />
                </a>
                {item.links.some(
                  ({ productId, status }) => productId === product.productId && status === 'confirmed',
                ) ? (
                  <Badge tone="good">confirmed</Badge>
                ) : (
                  <Confirm path={path} productId={product.productId} />
                )}
              </div>
              <p class="soft small">{describeOffers(product)}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Confirm({ path, productId }: { path: string; productId: string }) {
  return (
    <ActionButton action={`${path}/confirm-link`} text="This is it" kind="secondary" fields={{ product: productId }} />
  )
}

function describeOffers({ offers }: FoundProduct): string {
  if (offers.length === 0) return 'not offered now'
  return offers
    .slice(0, 3)
    .map((offer) => {
      const price = formatMoney(offer.packPriceMinor, offer.currency)
      return `${offer.packQuantity} ${offer.unit} for ${price} at ${offer.supplierId}`
    })
    .join(' · ')
}
