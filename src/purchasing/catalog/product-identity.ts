import { createHash } from 'node:crypto'

interface Named {
  readonly supplierId: string
  readonly gtin: string | null
  readonly sku: string | null
  readonly name: string
}

/** What makes two offers the same product: the GTIN all over the world, else the supplier's own number, else its name for it. */
export function productIdentity(offer: Named): string {
  if (offer.gtin !== null) return `gtin:${offer.gtin}`
  if (offer.sku !== null) return `sku:${offer.supplierId}:${offer.sku}`
  return `name:${offer.supplierId}:${offer.name.toLowerCase()}`
}

/** The same for the same identity on every machine and after every import, so that links to products keep. */
export function productId(identity: string): string {
  return `prd_${shortHash(identity)}`
}

/** 56 bits in hex: no two of a few million are likely to meet. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 14)
}
