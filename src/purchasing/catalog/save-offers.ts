import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { groupBy } from '../group-by.js'
import type { OfferBreaksTable, OffersTable, ProductsTable } from '../tables.js'
import { matchStoredOffers, type StoredOffer } from './match-stored-offers.js'
import { productId, productIdentity, shortHash } from './product-identity.js'
import type { ImportCounts } from './save-suppliers.js'
import { searchText } from './search-text.js'

export interface PriceBreak {
  readonly packs: number
  readonly packPriceMinor: number
}

/** One offer as somebody states it. `undefined` leaves what is stored alone; `null` says that there is none. */
export interface OfferStatement {
  readonly supplierId: string
  readonly currency: string
  readonly name: string
  readonly unit: string
  readonly packQuantity: number
  readonly packPriceMinor: number
  readonly sku: string | null | undefined
  readonly gtin: string | null | undefined
  readonly brand: string | null | undefined
  readonly category: string | null | undefined
  /** Packs; null: the supplier doesn't say, taken as enough. */
  readonly stockPacks: number | null | undefined
  readonly minimumPacks: number | undefined
  readonly breaks: readonly PriceBreak[] | undefined
}

type ProductRow = Omit<ProductsTable, 'created_at'>
type OfferRow = Omit<OffersTable, 'created_at' | 'updated_at' | 'archived_at' | 'stock_stated_at'>

interface Change {
  readonly offer: OfferRow
  readonly product: ProductRow
  readonly breaks: readonly PriceBreak[]
  readonly before: StoredOffer | undefined
}

/** Rows a statement may have: Postgres takes 65,535 parameters. */
const chunkSize = 1000

/**
 * Creates and updates offers and their products, and keeps what they cost before. Runs in the caller's transaction, which
 * holds the suppliers' rows locked. `source` says for the history how we learned the prices.
 */
export async function saveOffers(
  tx: DomainContext,
  statements: readonly OfferStatement[],
  source: 'import' | 'add',
): Promise<ImportCounts> {
  const stored = await loadStoredOffers(tx, [...new Set(statements.map((statement) => statement.supplierId))])
  const matches = matchStoredOffers(statements, stored)
  const ids = new Set(stored.map((offer) => offer.id))
  const changes = statements.map((statement, index) => plan(statement, matches[index], ids, tx))
  const created = changes.filter((change) => change.before === undefined)
  const updated = changes.filter((change) => change.before !== undefined && isChanged(change, change.before))
  const written = [...created, ...updated]
  await saveProducts(tx, changes, new Set(written.map((change) => change.product.id)))
  await saveRows(tx, written)
  await savePrices(tx, written, source)
  await noteStock(
    tx,
    changes.flatMap(({ offer }, index) => (statements[index]?.stockPacks === undefined ? [] : [offer.id])),
  )
  return { created: created.length, updated: updated.length, unchanged: changes.length - written.length }
}

async function loadStoredOffers(tx: DomainContext, supplierIds: readonly string[]): Promise<StoredOffer[]> {
  const rows = await tx.db
    .selectFrom('purchasing.offers as offer')
    .innerJoin('purchasing.products as product', 'product.id', 'offer.product_id')
    .selectAll('offer')
    .select(['product.gtin', 'product.brand', 'product.category'])
    .where('offer.supplier_id', 'in', supplierIds)
    .orderBy('offer.id')
    .execute()
  const breaks = await tx.db
    .selectFrom('purchasing.offer_breaks as tier')
    .innerJoin('purchasing.offers as offer', 'offer.id', 'tier.offer_id')
    .selectAll('tier')
    .where('offer.supplier_id', 'in', supplierIds)
    .orderBy('tier.packs')
    .execute()
  const byOffer = groupBy(breaks, (tier) => tier.offer_id)
  return rows.map((row) => ({ ...row, breaks: (byOffer.get(row.id) ?? []).map(toBreak) }))
}

function plan(statement: OfferStatement, before: StoredOffer | undefined, ids: Set<string>, tx: DomainContext): Change {
  const keep = <T>(said: T | undefined, stored: T | undefined, otherwise: T) =>
    said ?? (said === undefined ? (stored ?? otherwise) : otherwise)
  const sku = keep(statement.sku, before?.sku, null)
  const gtin = keep(statement.gtin, before?.gtin, null)
  const brand = keep(statement.brand, before?.brand, null)
  const category = keep(statement.category, before?.category, null)
  const identity = productIdentity({ supplierId: statement.supplierId, gtin, sku, name: statement.name })
  const product = { id: productId(identity), identity, gtin, name: statement.name, brand, category }
  const offer = {
    id: before?.id ?? newOfferId(statement, ids, tx),
    supplier_id: statement.supplierId,
    product_id: product.id,
    sku,
    name: statement.name,
    unit: statement.unit,
    pack_quantity: statement.packQuantity,
    pack_price_minor: statement.packPriceMinor,
    currency: statement.currency,
    stock_packs: keep(statement.stockPacks, before?.stock_packs, null),
    minimum_packs: keep(statement.minimumPacks, before?.minimum_packs, 1),
    search_text: searchText(statement.name, brand, category),
  }
  // A break kept from before may not be cheaper than the new price any more.
  const kept = (before?.breaks ?? []).filter((tier) => tier.packPriceMinor < statement.packPriceMinor)
  return { offer, product, breaks: statement.breaks ?? kept, before }
}

/** From what tells the offer apart, so that the same catalog gives the same ids (and so the same ties) on every machine. */
function newOfferId(statement: OfferStatement, ids: Set<string>, tx: DomainContext): string {
  const { supplierId, sku, gtin, name, packQuantity, unit } = statement
  const id = `off_${shortHash(JSON.stringify(sku ? [supplierId, sku] : [supplierId, gtin ?? name.toLowerCase(), packQuantity, unit]))}`
  const free = ids.has(id) ? tx.newId('off') : id
  ids.add(free)
  return free
}

function isChanged(change: Change, before: StoredOffer): boolean {
  if (before.archived_at !== null) return true
  if (Object.entries(change.offer).some(([column, value]) => before[column as keyof OfferRow] !== value)) return true
  return JSON.stringify(change.breaks) !== JSON.stringify(before.breaks)
}

/**
 * A product that several suppliers sell keeps the words of whoever brought it first, otherwise they would take turns in
 * renaming it; one that only this supplier sells is named as it says now.
 */
async function saveProducts(
  tx: DomainContext,
  changes: readonly Change[],
  written: ReadonlySet<string>,
): Promise<void> {
  const now = tx.clock.now()
  const first = groupBy(
    changes.filter((change) => written.has(change.product.id)),
    (change) => change.product.id,
  )
  const rows = [...first.values()].flatMap(([change]) => (change === undefined ? [] : [change.product]))
  const suppliers = new Map([...first].map(([id, [change]]) => [id, change?.offer.supplier_id ?? '']))
  const shared = await sharedProducts(tx, suppliers)
  for (const chunk of chunks(rows)) {
    await tx.db
      .insertInto('purchasing.products')
      .values(chunk.map((row) => ({ ...row, created_at: now })))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((set) => {
          const isShared = sql<boolean>`purchasing.products.id = any(${[...shared]}::text[])`
          return {
            name: sql<string>`case when ${isShared} then purchasing.products.name else ${set.ref('excluded.name')} end`,
            brand: sql<string>`case when ${isShared} then coalesce(purchasing.products.brand, ${set.ref('excluded.brand')}) else ${set.ref('excluded.brand')} end`,
            category: sql<string>`case when ${isShared} then coalesce(purchasing.products.category, ${set.ref('excluded.category')}) else ${set.ref('excluded.category')} end`,
          }
        }),
      )
      .execute()
  }
}

/** Products that suppliers other than the one given sell, too. */
async function sharedProducts(tx: DomainContext, suppliers: ReadonlyMap<string, string>): Promise<Set<string>> {
  const rows = await tx.db
    .selectFrom('purchasing.offers')
    .select(['product_id', 'supplier_id'])
    .distinct()
    .where('product_id', '=', sql<string>`any(${[...suppliers.keys()]}::text[])`)
    .execute()
  return new Set(rows.flatMap((row) => (suppliers.get(row.product_id) === row.supplier_id ? [] : [row.product_id])))
}

async function saveRows(tx: DomainContext, changes: readonly Change[]): Promise<void> {
  const now = tx.clock.now()
  for (const chunk of chunks(changes)) {
    await tx.db
      .insertInto('purchasing.offers')
      .values(chunk.map(({ offer }) => ({ ...offer, created_at: now, updated_at: now, archived_at: null })))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((set) => ({
          product_id: set.ref('excluded.product_id'),
          sku: set.ref('excluded.sku'),
          name: set.ref('excluded.name'),
          unit: set.ref('excluded.unit'),
          pack_quantity: set.ref('excluded.pack_quantity'),
          pack_price_minor: set.ref('excluded.pack_price_minor'),
          currency: set.ref('excluded.currency'),
          stock_packs: set.ref('excluded.stock_packs'),
          minimum_packs: set.ref('excluded.minimum_packs'),
          search_text: set.ref('excluded.search_text'),
          updated_at: set.ref('excluded.updated_at'),
          archived_at: set.ref('excluded.archived_at'),
        })),
      )
      .execute()
    const ids = chunk.flatMap((change) => (change.before === undefined ? [] : [change.offer.id]))
    await tx.db.deleteFrom('purchasing.offer_breaks').where('offer_id', '=', sql<string>`any(${ids}::text[])`).execute()
    const breaks = chunk.flatMap(({ offer, breaks: tiers }) =>
      tiers.map((tier) => ({ offer_id: offer.id, packs: tier.packs, pack_price_minor: tier.packPriceMinor })),
    )
    if (breaks.length > 0) await tx.db.insertInto('purchasing.offer_breaks').values(breaks).execute()
  }
}

/** A row for each offer that is new or costs something else now. */
async function savePrices(tx: DomainContext, changes: readonly Change[], source: string): Promise<void> {
  const now = tx.clock.now()
  const news = changes.filter(
    ({ offer, before }) => before?.pack_price_minor !== offer.pack_price_minor || before.currency !== offer.currency,
  )
  for (const chunk of chunks(news)) {
    const rows = chunk.map(({ offer: { id, pack_price_minor, currency } }) => ({
      offer_id: id,
      pack_price_minor,
      currency,
      seen_at: now,
      source,
    }))
    await tx.db.insertInto('purchasing.offer_prices').values(rows).execute()
  }
}

/** Who states the same stock once more says that it is still so, whatever was ordered meanwhile. */
async function noteStock(tx: DomainContext, offerIds: readonly string[]): Promise<void> {
  await tx.db
    .updateTable('purchasing.offers')
    .set({ stock_stated_at: tx.clock.now() })
    .where('id', '=', sql<string>`any(${offerIds}::text[])`)
    .execute()
}

function toBreak(row: OfferBreaksTable): PriceBreak {
  return { packs: row.packs, packPriceMinor: row.pack_price_minor }
}

function* chunks<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += chunkSize) yield values.slice(start, start + chunkSize)
}
