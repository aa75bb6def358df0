/**
 * How well a text that somebody looks for fits what a supplier calls its product, from 0 to 1. Pure; texts come as
 * `searchText` writes them. Mostly: which share of the words asked for is there. A little: how much else the product's
 * name says, so that "oat drink" fits an oat drink better than oat drink biscuits.
 */
const stopWords = new Set(
  'a an and au aux con da de del der die das du for in la le les mit of on or per the to und with'.split(' '),
)
const unitWords = new Set(
  'x l ml cl dl g kg mg oz lb m cm mm m2 pcs pc st stk ct each pack packs box boxes case cases bag bags roll rolls liter litre'.split(
    ' ',
  ),
)

const coverageShare = 0.8
/** Below it two words have too little in common to be one misspelt. */
const leastLikeness = 0.5

export interface SearchedProduct {
  readonly name: string
  readonly brand: string
  readonly category: string
}

export function scoreProduct(query: string, product: SearchedProduct): number {
  const wanted = words(query)
  const name = words(product.name)
  const wantedWeight = sum(wanted.map(weightOf))
  if (wantedWeight === 0) return query === product.name ? 1 : 0
  const brand = words(product.brand)
  const category = words(product.category)
  const covered = wanted.map(
    (word) => weightOf(word) * Math.max(best(word, name), best(word, brand), 0.7 * best(word, category)),
  )
  const coverage = sum(covered) / wantedWeight
  // Who makes it is not something else that it is.
  const own = name.filter((word) => !brand.includes(word))
  const ownWeight = sum(own.map(weightOf))
  const precision = ownWeight === 0 ? 1 : sum(own.map((word) => weightOf(word) * best(word, wanted))) / ownWeight
  return Math.round((coverageShare * coverage + (1 - coverageShare) * precision) * 1000) / 1000
}

/** The words that say what is meant; numbers and units alone would find everything. */
export function tellingWords(query: string): string[] {
  const all = words(query)
  const telling = all.filter((word) => weightOf(word) === 1)
  return telling.length > 0 ? telling : all
}

/** Without the plural's ending, good enough for comparing. */
export function stem(word: string): string {
  if (word.length > 4 && /(?:x|ch|sh|ss)es$/.test(word)) return word.slice(0, -2)
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word
}

function words(text: string): string[] {
  return [...new Set(text.split(' '))].filter((word) => word !== '')
}

function weightOf(word: string): number {
  if (stopWords.has(word)) return 0
  if (unitWords.has(word)) return 0.15
  return /^\d/.test(word) ? 0.3 : 1
}

function best(word: string, among: readonly string[]): number {
  return among.reduce((most, other) => Math.max(most, likeness(word, other)), 0)
}

function likeness(a: string, b: string): number {
  if (a === b) return 1
  // 1 and 1.5, 250 and 500: near numbers are different numbers.
  if (/\d/.test(a) || /\d/.test(b) || Math.min(a.length, b.length) < 3) return 0
  if (stem(a) === stem(b)) return 0.95
  // Compounds: "milch" in "hafermilch".
  if (Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a))) return 0.7
  const shared = trigramLikeness(a, b)
  return shared >= leastLikeness ? 0.9 * shared : 0
}

/** As pg_trgm counts it: shared trigrams of the two words, over all of theirs. */
function trigramLikeness(a: string, b: string): number {
  const left = trigrams(a)
  const right = trigrams(b)
  const shared = [...left].filter((part) => right.has(part)).length
  return shared / (left.size + right.size - shared)
}

function trigrams(word: string): Set<string> {
  const padded = `  ${word} `
  return new Set(Array.from({ length: padded.length - 2 }, (_, start) => padded.slice(start, start + 3)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
