import { groupBy } from '../group-by.js'
import type { OffersTable } from '../tables.js'
import type { OfferStatement, PriceBreak } from './save-offers.js'

export interface StoredOffer extends Omit<OffersTable, 'stock_stated_at'> {
  readonly gtin: string | null
  readonly brand: string | null
  readonly category: string | null
  readonly breaks: readonly PriceBreak[]
}

/**
 * Which stored offer each statement speaks of; `undefined`: it is a new one. By the supplier's sku; a statement (or an
 * offer) without a sku by gtin, pack and unit; without both by name and pack. No offer is taken twice, and an exact sku
 * goes first.
 */
export function matchStoredOffers(
  statements: readonly OfferStatement[],
  stored: readonly StoredOffer[],
): (StoredOffer | undefined)[] {
  const taken = new Set<string>()
  const bySku = groupBy(stored, (offer) => JSON.stringify([offer.supplier_id, offer.sku]))
  const all = indexOffers(stored)
  // A statement with a sku takes no offer with another one: ten thousand of those are not looked through each time.
  const withoutSku = indexOffers(stored.filter((offer) => offer.sku === null))

  const take = (candidates: readonly StoredOffer[] | undefined, sku: string | null | undefined) => {
    const free = (candidates ?? []).filter(
      (offer) => !taken.has(offer.id) && (!sku || offer.sku === null || offer.sku === sku),
    )
    const found = free.find((offer) => offer.archived_at === null && offer.sku === (sku ?? null)) ?? free[0]
    if (found !== undefined) taken.add(found.id)
    return found
  }

  const matches = statements.map(({ supplierId, sku }) =>
    sku ? take(bySku.get(JSON.stringify([supplierId, sku])), sku) : undefined,
  )
  return statements.map((statement, index) => {
    const { supplierId, sku, gtin, name, packQuantity, unit } = statement
    if (matches[index] !== undefined) return matches[index]
    const { byGtin, byName } = sku ? withoutSku : all
    const sameGtin = gtin ? take(byGtin.get(gtinKey(supplierId, gtin, packQuantity, unit)), sku) : undefined
    if (sameGtin !== undefined) return sameGtin
    const sameName = byName.get(nameKey(supplierId, name, packQuantity))
    return take(
      sameName?.filter((offer) => !gtin || offer.gtin === null),
      sku,
    )
  })
}

function indexOffers(offers: readonly StoredOffer[]) {
  return {
    byGtin: groupBy(offers, (offer) => gtinKey(offer.supplier_id, offer.gtin, offer.pack_quantity, offer.unit)),
    byName: groupBy(offers, (offer) => nameKey(offer.supplier_id, offer.name, offer.pack_quantity)),
  }
}

function gtinKey(supplierId: string, gtin: string | null, packQuantity: number, unit: string): string {
  return JSON.stringify([supplierId, gtin, packQuantity, unit.toLowerCase()])
}

function nameKey(supplierId: string, name: string, packQuantity: number): string {
  return JSON.stringify([supplierId, name.toLowerCase(), packQuantity])
}
