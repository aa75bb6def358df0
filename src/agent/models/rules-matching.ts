import type { SearchResults } from '../tool-results.js'

export type Match =
  | { readonly kind: 'chosen'; readonly productIds: readonly string[] }
  | { readonly kind: 'none'; readonly reason: string }

type Product = SearchResults['results'][number]['products'][number]

/** Below it the words hardly overlap. */
const minScore = 0.35
/** Closer together than this, two products are equally likely. */
const clearMargin = 0.1

/**
 * Chooses the product that a name stands for, or says why not. Careful rather than clever: whoever buys by a wrong guess
 * gets the wrong goods, whoever doesn't gets a line that asks a person to link the product once.
 */
export function matchByName(name: string, products: readonly Product[]): Match {
  const wantedSizes = sizes(name)
  const likely = products
    .filter((product) => product.offers.length > 0 && product.score >= minScore)
    // "Cup 200 ml" is never "Cup 300 ml", however alike the words are.
    .filter((product) => wantedSizes.every((size) => sizes(product.name).includes(size)))
    .toSorted((a, b) => rank(name, b) - rank(name, a))
  const [best] = likely
  if (best === undefined) return { kind: 'none', reason: 'no product in the catalogs is clearly this item' }
  const rivals = likely.filter((product) => rank(name, best) - rank(name, product) < clearMargin)
  // The same words from several suppliers are the same thing.
  if (rivals.every((product) => sameWords(product.name, best.name))) {
    return { kind: 'chosen', productIds: rivals.map((product) => product.product_id) }
  }
  const names = rivals.slice(0, 3).map((product) => `"${product.name.slice(0, 80)}" (${product.product_id})`)
  return { kind: 'none', reason: `several products are equally likely: ${names.join(', ')}; link the right one` }
}

/** The server's score, and a bonus for a product that has every word of the name. */
function rank(name: string, product: Product): number {
  const offered = words(product.name)
  const wanted = words(name)
  const found = wanted.filter((word) => offered.includes(word)).length
  return product.score + (wanted.length === 0 ? 0 : found / wanted.length)
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function sizes(text: string): string[] {
  return words(text).filter((word) => /^\d/.test(word))
}

function sameWords(a: string, b: string): boolean {
  return words(a).toSorted().join(' ') === words(b).toSorted().join(' ')
}
