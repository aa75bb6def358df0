import { createHash } from 'node:crypto'
import type { DomainContext } from '../../../platform/context.js'
import { inTransaction } from '../../../platform/database.js'
import { formatMoney } from '../../../platform/decimal.js'
import { importCatalog } from '../../../purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../../purchasing/catalog/import-suppliers.js'
import { maskLogin } from '../../../purchasing/catalog/supplier-url.js'
import { importItems } from '../../../stock/import-items.js'
import { settingNames } from '../../../stock/item-settings.js'

export type ImportKind = 'items' | 'suppliers' | 'catalog'

export interface ImportFile {
  readonly kind: ImportKind
  readonly bytes: Uint8Array
  readonly fileName: string
  /** For items whose row names no list; null: none was chosen. */
  readonly list: string | null
  readonly actor: string
}

export interface ImportChange {
  readonly name: string
  /** Of what is new: what it says; of what changes: from what to what. */
  readonly fields: readonly { readonly name: string; readonly before: string | null; readonly after: string | null }[]
  readonly isNew: boolean
}

export interface ImportPreview {
  readonly counts: { readonly created: number; readonly updated: number; readonly unchanged: number }
  readonly changes: readonly ImportChange[]
  /** The same for the same changes. */
  readonly digest: string
}

/** Ends the transaction of a preview: nothing of it is kept. */
class PreviewOnly extends Error {
  readonly preview: ImportPreview

  constructor(preview: ImportPreview) {
    super('a preview is not kept')
    this.preview = preview
  }
}

/**
 * What importing the file would change: the import itself is made, compared with what was there before, and rolled back.
 * Throws InputError where the import would.
 */
export async function previewImport(ctx: DomainContext, file: ImportFile): Promise<ImportPreview> {
  try {
    return await inTransaction(ctx, async (tx) => {
      throw new PreviewOnly(await importAndCompare(tx, file))
    })
  } catch (error) {
    if (error instanceof PreviewOnly) return error.preview
    throw error
  }
}

/** Imports the file if that changes exactly what a person was shown; otherwise nothing is kept, and what would change now is returned. */
export async function applyImport(
  ctx: DomainContext,
  file: ImportFile,
  digest: string,
): Promise<{ readonly isDone: boolean; readonly preview: ImportPreview }> {
  try {
    const preview = await inTransaction(ctx, async (tx) => {
      const made = await importAndCompare(tx, file)
      if (made.digest !== digest) throw new PreviewOnly(made)
      return made
    })
    return { isDone: true, preview }
  } catch (error) {
    if (error instanceof PreviewOnly) return { isDone: false, preview: error.preview }
    throw error
  }
}

async function importAndCompare(tx: DomainContext, file: ImportFile): Promise<ImportPreview> {
  const before = await readAll(tx, file.kind)
  const counts = await importers[file.kind](tx, file)
  const after = await readAll(tx, file.kind)
  const changes = compare(before, after)
  // Ids are made anew each time; what is compared is what people see.
  const digest = createHash('sha256')
    .update(JSON.stringify([counts, changes]))
    .digest('base64url')
  return { counts, changes, digest }
}

const importers = {
  items: (tx: DomainContext, { bytes, fileName, list, actor }: ImportFile) =>
    importItems(tx, { bytes, fileName, list, actor }),
  suppliers: importSuppliers,
  catalog: importCatalog,
} as const

type Row = Readonly<Record<string, string | null>>

/** What the kind consists of, by id, each as people read it. */
async function readAll(tx: DomainContext, kind: ImportKind): Promise<Map<string, Row>> {
  if (kind === 'items') return readItems(tx)
  return kind === 'suppliers' ? readSuppliers(tx) : readOffers(tx)
}

const text = (value: unknown) => (value === null || value === undefined ? null : String(value))

async function readItems(tx: DomainContext): Promise<Map<string, Row>> {
  const rows = await tx.db
    .selectFrom('stock.items')
    .select(['id', 'list', ...settingNames])
    .where('archived_at', 'is', null)
    .execute()
  return new Map(rows.map(({ id, ...row }) => [id, mapRow(row)]))
}

async function readSuppliers(tx: DomainContext): Promise<Map<string, Row>> {
  const rows = await tx.db.selectFrom('purchasing.suppliers').selectAll().where('archived_at', 'is', null).execute()
  return new Map(
    rows.map((row) => [
      row.id,
      mapRow({
        name: row.name,
        channel: row.channel,
        currency: row.currency,
        tax_rate: row.tax_rate,
        shipping_fee: formatMoney(row.shipping_fee_minor, row.currency),
        free_shipping_over:
          row.free_shipping_over_minor === null ? null : formatMoney(row.free_shipping_over_minor, row.currency),
        minimum_order: formatMoney(row.minimum_order_minor, row.currency),
        lead_time_days: row.lead_time_days,
        url: row.url,
        email: row.email,
      }),
    ]),
  )
}

async function readOffers(tx: DomainContext): Promise<Map<string, Row>> {
  const rows = await tx.db.selectFrom('purchasing.offers').selectAll().where('archived_at', 'is', null).execute()
  const breaks = await tx.db.selectFrom('purchasing.offer_breaks').selectAll().orderBy('packs').execute()
  const breaksOf = new Map<string, string[]>()
  const currencies = new Map(rows.map(({ id, currency }) => [id, currency]))
  for (const { offer_id, packs, pack_price_minor } of breaks) {
    const price = formatMoney(pack_price_minor, currencies.get(offer_id) ?? 'EUR')
    breaksOf.set(offer_id, [...(breaksOf.get(offer_id) ?? []), `${price} from ${packs} packs`])
  }
  return new Map(
    rows.map((row) => [
      row.id,
      mapRow({
        name: row.name,
        supplier: row.supplier_id,
        sku: row.sku,
        pack: `${row.pack_quantity} ${row.unit}`,
        price: formatMoney(row.pack_price_minor, row.currency),
        stock: row.stock_packs,
        minimum_packs: row.minimum_packs,
        breaks: breaksOf.get(row.id)?.join(', ') ?? null,
      }),
    ]),
  )
}

function mapRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)]))
}

/** In the order of names, so that the same changes read the same whatever ids were made. Pure. */
export function compare(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): ImportChange[] {
  const changes: ImportChange[] = []
  for (const [id, row] of after) {
    const known = before.get(id)
    const fields = Object.entries(row)
      .filter(([name, value]) => (known === undefined ? value !== null && name !== 'name' : known[name] !== value))
      .map(([name, value]) => ({ name, before: shown(name, known?.[name] ?? null), after: shown(name, value) }))
    if (known === undefined || fields.length > 0) {
      changes.push({ name: known?.name ?? row.name ?? id, fields, isNew: known === undefined })
    }
  }
  const key = ({ name, fields, isNew }: ImportChange) => JSON.stringify([!isNew, name, fields])
  return changes.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** That a login has changed is seen, and not the login. */
function shown(name: string, value: string | null): string | null {
  return name === 'url' ? maskLogin(value) : value
}
