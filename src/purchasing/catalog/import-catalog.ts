import type { DomainContext } from '../../platform/context.js'
import {
  type Columns,
  csvProblem,
  gtin,
  integer,
  money,
  quantity,
  readCsv,
  required,
  text,
  type Values,
} from '../../platform/csv.js'
import { inTransaction } from '../../platform/database.js'
import { minorUnits, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { nearest } from '../../platform/nearest.js'
import { lockSuppliers } from './lock-suppliers.js'
import { type OfferStatement, type PriceBreak, saveOffers } from './save-offers.js'
import type { ImportCounts } from './save-suppliers.js'

/** Far above any real pack price, and low enough that sums of many packs stay exact. */
export const maxPrice = 10_000_000

const columns = {
  supplier: required(text({ maxLength: 40 })),
  sku: text({ maxLength: 64 }),
  gtin: gtin(),
  name: required(text({ maxLength: 200 })),
  brand: text({ maxLength: 80 }),
  category: text({ maxLength: 80 }),
  unit: required(text({ maxLength: 20 })),
  pack_quantity: required(quantity({ above: 0, max: 1_000_000 })),
  price: required(money({ above: 0, max: maxPrice })),
  stock: integer({ min: 0, max: 1_000_000_000 }),
  minimum_packs: integer({ min: 1, max: 1_000_000 }),
  break_packs: integer({ min: 2, max: 1_000_000 }),
  break_price: money({ above: 0, max: maxPrice }),
} satisfies Columns

type Row = { readonly line: number; readonly values: Values<typeof columns> }

/**
 * Imports catalog.csv, whole or not at all; known offers are updated. A column that the file doesn't have leaves what is
 * stored alone. Offers that aren't in the file stay. An offer with several price breaks has a row for each.
 */
export async function importCatalog(
  ctx: DomainContext,
  input: { readonly bytes: Uint8Array; readonly fileName: string },
): Promise<ImportCounts> {
  const file = readCsv(input.bytes, input.fileName, columns)
  const problem = (row: Row, column: keyof typeof columns | null, message: string) =>
    csvProblem(input.fileName, row.line, column, message)
  const offers = groupOffers(file.rows, problem)

  return inTransaction(ctx, async (tx) => {
    const suppliers = await lockSuppliers(tx, [...new Set(offers.map(([{ values }]) => values.supplier))])
    const speaksOf = (column: keyof typeof columns) => file.columns.has(column)
    const statements = offers.map((rows): OfferStatement => {
      const [row] = rows
      const { values } = row
      const currency = suppliers.get(values.supplier)?.currency
      if (currency === undefined) {
        throw problem(row, 'supplier', unknownSupplier(values.supplier, [...suppliers.keys()]))
      }
      const priceOf = (row: Row, column: 'price' | 'break_price', amount: string) => {
        try {
          return toMinor(amount, minorUnits(currency))
        } catch (error) {
          if (!(error instanceof InputError)) throw error
          throw problem(row, column, `${error.message}, which ${currency} doesn't`)
        }
      }
      const packPriceMinor = priceOf(row, 'price', values.price)
      return {
        supplierId: values.supplier,
        currency,
        name: values.name,
        unit: values.unit,
        packQuantity: values.pack_quantity,
        packPriceMinor,
        sku: speaksOf('sku') ? values.sku : undefined,
        gtin: speaksOf('gtin') ? values.gtin : undefined,
        brand: speaksOf('brand') ? values.brand : undefined,
        category: speaksOf('category') ? values.category : undefined,
        stockPacks: speaksOf('stock') ? values.stock : undefined,
        minimumPacks: speaksOf('minimum_packs') ? (values.minimum_packs ?? 1) : undefined,
        breaks: speaksOf('break_packs') || speaksOf('break_price') ? readBreaks() : undefined,
      }

      function readBreaks(): PriceBreak[] {
        const tiers = rows.flatMap((each) => readBreak(each) ?? []).sort((a, b) => a.packs - b.packs)
        for (const [index, tier] of tiers.entries()) {
          const before = tiers[index - 1]
          if (before === undefined) continue
          if (tier.packs === before.packs) {
            const text = `${tier.packs} is in line ${before.row.line} already; an offer has one price for a number of packs`
            throw problem(tier.row, 'break_packs', text)
          }
          if (tier.packPriceMinor >= before.packPriceMinor) {
            const text = `${tier.price} for ${tier.packs} packs is not below the ${before.price} for ${before.packs} in line ${before.row.line}; more packs must be cheaper`
            throw problem(tier.row, 'break_price', text)
          }
        }
        return tiers.map(({ packs, packPriceMinor: minor }) => ({ packs, packPriceMinor: minor }))
      }

      function readBreak(row: Row): (PriceBreak & { readonly row: Row; readonly price: string }) | null {
        const { break_packs: packs, break_price: price } = row.values
        if (packs === null && price === null) return null
        if (packs === null) throw problem(row, 'break_packs', 'is blank, but break_price is not; fill in both or none')
        if (price === null) throw problem(row, 'break_price', 'is blank, but break_packs is not; fill in both or none')
        const breakMinor = priceOf(row, 'break_price', price)
        if (breakMinor >= packPriceMinor) {
          throw problem(
            row,
            'break_price',
            `${price} is not below the price of ${values.price}; a break makes packs cheaper`,
          )
        }
        return { packs, packPriceMinor: breakMinor, row, price }
      }
    })
    return saveOffers(tx, statements, 'import')
  })
}

/**
 * The rows of each offer. Rows that say the same but for their price break are one offer with several breaks; of two rows
 * that say different things of one offer nobody can know which is right.
 */
function groupOffers(
  rows: readonly Row[],
  problem: (row: Row, column: keyof typeof columns | null, message: string) => InputError,
): (readonly [Row, ...Row[]])[] {
  const offers = new Map<string, [Row, ...Row[]]>()
  for (const row of rows) {
    const { supplier, sku, gtin: number, name, pack_quantity: pack, unit } = row.values
    const identity =
      sku !== null ? [sku] : number !== null ? [number, pack, unit.toLowerCase()] : ['', name.toLowerCase(), pack]
    const key = JSON.stringify([supplier, ...identity])
    const offer = offers.get(key)
    if (offer === undefined) {
      offers.set(key, [row])
      continue
    }
    const [first] = offer
    const isFurtherBreak = [first, row].every(
      ({ values }) => values.break_packs !== null && values.break_price !== null,
    )
    if (!isFurtherBreak || apartFromBreak(first) !== apartFromBreak(row)) {
      const what = sku !== null ? `sku ${sku}` : `"${name}" in packs of ${pack}`
      throw problem(
        row,
        null,
        `${supplier} has ${what} in line ${first.line} already; remove one or give them different skus`,
      )
    }
    offer.push(row)
  }
  return [...offers.values()]
}

function apartFromBreak({ values }: Row): string {
  const { break_packs: _packs, break_price: _price, ...others } = values
  return JSON.stringify(others)
}

function unknownSupplier(id: string, known: readonly string[]): string {
  const meant = nearest(id, known)
  const hint =
    meant === undefined ? 'add it with "restock suppliers add" or import suppliers first' : `did you mean ${meant}?`
  return `there is no supplier "${id}"; ${hint}`
}
