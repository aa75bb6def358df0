import type { DomainContext } from '../../platform/context.js'
import { cleanText } from '../../platform/csv.js'
import { inTransaction } from '../../platform/database.js'
import { minorUnits, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { parseGtin } from '../../platform/gtin.js'
import { maxPrice } from './import-catalog.js'
import { lockSuppliers } from './lock-suppliers.js'
import { type PriceBreak, saveOffers } from './save-offers.js'

export interface NewOffer {
  readonly supplierId: string
  readonly name: string
  readonly unit: string
  readonly packQuantity: number
  /** Per pack, in major units of the supplier's currency: '12.50'. */
  readonly price: string
  readonly sku?: string | undefined
  readonly gtin?: string | undefined
  readonly brand?: string | undefined
  readonly category?: string | undefined
  readonly stockPacks?: number | undefined
  readonly minimumPacks?: number | undefined
  readonly breaks?: readonly { readonly packs: number; readonly price: string }[] | undefined
}

/** Adds one offer, or updates the one that its sku (or gtin, or name) names. */
export async function addOffer(
  ctx: DomainContext,
  offer: NewOffer,
): Promise<{ readonly outcome: 'created' | 'updated' | 'unchanged' }> {
  const name = checkText('name', offer.name, 200)
  const unit = checkText('unit', offer.unit, 20)
  checkNumber('pack quantity', offer.packQuantity, { min: 0.001, max: 1_000_000, isWhole: false })
  if (offer.stockPacks !== undefined)
    checkNumber('stock', offer.stockPacks, { min: 0, max: 1_000_000_000, isWhole: true })
  if (offer.minimumPacks !== undefined)
    checkNumber('minimum of packs', offer.minimumPacks, { min: 1, max: 1_000_000, isWhole: true })

  return inTransaction(ctx, async (tx) => {
    const suppliers = await lockSuppliers(tx, [offer.supplierId])
    const supplier = suppliers.get(offer.supplierId)
    if (supplier === undefined) {
      throw new InputError(`There is no supplier "${offer.supplierId}"; add it with "restock suppliers add" first.`)
    }
    const toPrice = (price: string) => toMinor(price, minorUnits(supplier.currency), { above: 0, max: maxPrice })
    const packPriceMinor = toPrice(offer.price)
    const counts = await saveOffers(
      tx,
      [
        {
          supplierId: offer.supplierId,
          currency: supplier.currency,
          name,
          unit,
          packQuantity: offer.packQuantity,
          packPriceMinor,
          sku: offer.sku === undefined ? undefined : checkText('sku', offer.sku, 64),
          gtin: offer.gtin === undefined ? undefined : parseGtin(offer.gtin),
          brand: offer.brand === undefined ? undefined : checkText('brand', offer.brand, 80),
          category: offer.category === undefined ? undefined : checkText('category', offer.category, 80),
          stockPacks: offer.stockPacks,
          minimumPacks: offer.minimumPacks,
          breaks: offer.breaks === undefined ? undefined : checkBreaks(packPriceMinor, offer.breaks, toPrice),
        },
      ],
      'add',
    )
    return { outcome: counts.created > 0 ? 'created' : counts.updated > 0 ? 'updated' : 'unchanged' }
  })
}

function checkBreaks(
  packPriceMinor: number,
  breaks: readonly { readonly packs: number; readonly price: string }[],
  toPrice: (price: string) => number,
): PriceBreak[] {
  const tiers = breaks.map((tier) => ({ packs: tier.packs, packPriceMinor: toPrice(tier.price) }))
  tiers.sort((a, b) => a.packs - b.packs)
  let last: PriceBreak = { packs: 1, packPriceMinor }
  for (const tier of tiers) {
    checkNumber('packs of a price break', tier.packs, { min: 2, max: 1_000_000, isWhole: true })
    if (tier.packs === last.packs)
      throw new InputError(`There are two price breaks at ${tier.packs} packs; remove one.`)
    if (tier.packPriceMinor >= last.packPriceMinor) {
      throw new InputError(`The price break at ${tier.packs} packs is not cheaper than the price before it.`)
    }
    last = tier
  }
  return tiers
}

function checkText(what: string, raw: string, maxLength: number): string {
  const text = cleanText(raw, false)
  if (text === '' || [...text].length > maxLength) {
    throw new InputError(`The ${what} of an offer has 1 to ${maxLength} characters.`)
  }
  return text
}

function checkNumber(what: string, value: number, rules: { min: number; max: number; isWhole: boolean }): void {
  const steps = rules.isWhole ? value : Math.round(value * 1000) / 1000
  if (!(value >= rules.min && value <= rules.max) || steps !== value || (rules.isWhole && !Number.isInteger(value))) {
    const kind = rules.isWhole ? 'a whole number' : 'a number with at most 3 decimals'
    throw new InputError(`The ${what} of an offer is ${kind} from ${rules.min} to ${rules.max}.`)
  }
}
