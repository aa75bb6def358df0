import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { compareText } from '../compare-text.js'
import { groupBy } from '../group-by.js'
import { withStockLeft } from './remaining-stock.js'
import { scoreProduct, stem, tellingWords } from './search-score.js'
import { searchText, supplierText } from './search-text.js'
import { convertQuantity } from './units.js'

export interface CatalogQuery {
  readonly text: string
  /** Products that aren't sold in anything that converts to it come later. */
  readonly unit?: string | undefined
  /** At most 10; 5 by default. */
  readonly limit?: number | undefined
}

export interface FoundOffer {
  readonly supplierId: string
  readonly sku: string | null
  readonly packQuantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly currency: string
  /** Packs that are left after our own orders; null: not stated. */
  readonly stock: number | null
}

export interface FoundProduct {
  readonly productId: string
  readonly name: string
  readonly brand: string | null
  readonly category: string | null
  readonly gtin: string | null
  /** 0 to 1: about the share of the words asked for that the product has. */
  readonly score: number
  /** At most the 5 cheapest, by price per unit. */
  readonly offers: readonly FoundOffer[]
}

export interface CatalogResult {
  readonly query: string
  readonly products: readonly FoundProduct[]
}

const offersShown = 5
/** Below it what was found has next to nothing in common with what was asked for. */
const leastScore = 0.2
const otherUnitFactor = 0.85
/** Offers that the database proposes for each query; they are scored here. */
const candidatesPerQuery = 80
/** Of the offers that hold its words, those with most of them are compared with the query letter by letter. */
const comparedPerQuery = 1_000

/** Products for each query, best first; equal scores by id. All queries take a few round trips together. */
export async function searchCatalog(ctx: DomainContext, queries: readonly CatalogQuery[]): Promise<CatalogResult[]> {
  if (queries.length === 0) return []
  const candidates = groupBy(await findCandidates(ctx, queries), (candidate) => candidate.query)
  const ranked = queries.map((query, index) => rank(query, candidates.get(index) ?? []))
  const ids = new Set(ranked.flatMap((products) => products.map((product) => product.productId)))
  const offers = groupBy(await withStockLeft(ctx, await findOffers(ctx, [...ids])), (offer) => offer.product_id)
  return queries.map((query, index) => ({
    query: query.text,
    products: (ranked[index] ?? []).map((product) => ({
      ...product,
      offers: cheapest(query, offers.get(product.productId) ?? []),
    })),
  }))
}

interface Candidate {
  readonly query: number
  readonly product_id: string
  readonly offer_name: string
  readonly unit: string
  readonly name: string
  readonly brand: string | null
  readonly category: string | null
  readonly gtin: string | null
  /** Asked for by its very sku or gtin. */
  readonly is_exact: boolean
}

async function findCandidates(ctx: DomainContext, queries: readonly CatalogQuery[]): Promise<Candidate[]> {
  const raw = queries.map((query) => query.text.trim())
  const texts = queries.map((query) => searchText(query.text))
  const tsQueries = texts.map(toTsQuery)
  // Materialized: otherwise the words are parsed anew for each offer, and the search is done anew for each supplier.
  // Likeness is dear, so it is worked out for the offers that hold most of the words, and looked for among all the others
  // only where too few hold any.
  const { rows } = await sql<Candidate>`
    with q as materialized (
      select place, raw, text, to_tsquery('simple', words) as words
      from unnest(${raw}::text[], ${texts}::text[], ${tsQueries}::text[]) with ordinality as given (raw, text, words, place)
    ), worded as materialized (
      select q.place, hit.* from q
      cross join lateral (
        select holding.product_id, holding.offer_name, holding.unit, holding.supplier_id, false as is_exact
        from (
          select offer.id, offer.product_id, offer.name as offer_name, offer.unit, offer.supplier_id, offer.search_text,
            ts_rank(offer.search, q.words) as rank
          from purchasing.offers offer
          where offer.archived_at is null and offer.search @@ q.words
          order by rank desc, offer.id
          limit ${comparedPerQuery}
        ) holding
        order by holding.rank + word_similarity(q.text, holding.search_text) desc, holding.id
        limit ${candidatesPerQuery}
      ) hit
    ), found as materialized (
      select * from worded
      union all
      select q.place, hit.* from q
      cross join lateral (
        select alike.product_id, alike.name, alike.unit, alike.supplier_id, false
        from (
          select offer.* from purchasing.offers offer
          where offer.archived_at is null and q.text <% offer.search_text
          limit ${comparedPerQuery}
        ) alike
        order by word_similarity(q.text, alike.search_text) desc, alike.id
        limit ${candidatesPerQuery}
      ) hit
      where q.place not in (select place from worded group by place having count(*) >= ${candidatesPerQuery})
      union all
      select q.place, hit.* from q
      cross join lateral (
        (
          select offer.product_id, offer.name, offer.unit, offer.supplier_id, true
          from purchasing.offers offer
          where offer.archived_at is null and offer.sku = q.raw
          limit ${candidatesPerQuery}
        ) union all (
          select offer.product_id, offer.name, offer.unit, offer.supplier_id, true
          from purchasing.products same join purchasing.offers offer on offer.product_id = same.id
          where offer.archived_at is null and same.gtin = q.raw
          limit ${candidatesPerQuery}
        )
      ) hit
    )
    select (found.place - 1)::int as query, found.product_id, found.offer_name, found.unit, found.is_exact,
      product.name, product.brand, product.category, product.gtin
    from found
    join purchasing.suppliers supplier on supplier.id = found.supplier_id and supplier.archived_at is null
    join purchasing.products product on product.id = found.product_id`.execute(ctx.db)
  return rows
}

/** Any of the words, as beginnings of words ("cup" finds "cups"), in any number. The words hold letters and digits only. */
function toTsQuery(text: string): string {
  const lexemes = tellingWords(text).flatMap((word) => [word, stem(word)])
  return [...new Set(lexemes)].map((word) => (word.length >= 3 ? `'${word}':*` : `'${word}'`)).join(' | ')
}

function rank(query: CatalogQuery, candidates: readonly Candidate[]): Omit<FoundProduct, 'offers'>[] {
  const text = searchText(query.text)
  const products = [...groupBy(candidates, (candidate) => candidate.product_id)].map(([productId, offers]) => {
    const scores = offers.map((offer) =>
      offer.is_exact
        ? 1
        : scoreProduct(text, {
            name: searchText(offer.offer_name),
            brand: searchText(offer.brand),
            category: searchText(offer.category),
          }),
    )
    const units = [...new Set(offers.map((offer) => offer.unit))]
    const { unit } = query
    const isSoldInUnit = unit === undefined || units.some((other) => areConvertible(other, unit))
    const score = Math.round(Math.max(...scores) * (isSoldInUnit ? 1 : otherUnitFactor) * 1000) / 1000
    const [first] = offers
    return {
      productId,
      name: supplierText(first?.name ?? ''),
      brand: shown(first?.brand),
      category: shown(first?.category),
      gtin: first?.gtin ?? null,
      score,
    }
  })
  return products
    .filter((product) => product.score >= leastScore)
    .sort((a, b) => b.score - a.score || compareText(a.productId, b.productId))
    .slice(0, query.limit ?? 5)
}

async function findOffers(ctx: DomainContext, productIds: readonly string[]) {
  return ctx.db
    .selectFrom('purchasing.offers as offer')
    .innerJoin('purchasing.suppliers as supplier', 'supplier.id', 'offer.supplier_id')
    .select([
      'offer.id',
      'offer.product_id',
      'offer.supplier_id',
      'offer.sku',
      'offer.unit',
      'offer.pack_quantity',
      'offer.pack_price_minor',
      'offer.currency',
      'offer.stock_packs',
    ])
    .where('offer.product_id', '=', sql<string>`any(${productIds}::text[])`)
    .where('offer.archived_at', 'is', null)
    .where('supplier.archived_at', 'is', null)
    .execute()
}

/** By price for one unit of the query (or of the first offer); what doesn't convert to it comes last. */
function cheapest(query: CatalogQuery, offers: Awaited<ReturnType<typeof findOffers>>): FoundOffer[] {
  const sorted = [...offers].sort((a, b) => compareText(a.id, b.id))
  const unit = query.unit ?? sorted[0]?.unit ?? ''
  const priced = sorted.map((offer) => {
    const quantity = convertQuantity(offer.pack_quantity, offer.unit, unit)
    return { offer, unitPrice: quantity === null ? Number.MAX_VALUE : offer.pack_price_minor / quantity }
  })
  priced.sort((a, b) => a.unitPrice - b.unitPrice)
  return priced.slice(0, offersShown).map(({ offer }) => ({
    supplierId: offer.supplier_id,
    sku: offer.sku === null ? null : supplierText(offer.sku),
    packQuantity: offer.pack_quantity,
    unit: supplierText(offer.unit),
    packPriceMinor: offer.pack_price_minor,
    currency: offer.currency,
    stock: offer.stock_packs,
  }))
}

/** Whether the units measure the same thing at all; a thousand of one, so that small units aren't lost to rounding. */
function areConvertible(a: string, b: string): boolean {
  return convertQuantity(1000, a, b) !== null || convertQuantity(1000, b, a) !== null
}

function shown(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : supplierText(text)
}
