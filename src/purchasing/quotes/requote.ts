/**
 * What the lines of an order would cost if they were quoted now: the same offers, packs and quantities. Pure. Worse for the
 * buyer in anything ends the approval; better in price alone is taken.
 */
import { formatMoney, rateOf } from '../../platform/decimal.js'
import { convertQuantity } from '../catalog/units.js'

export interface RequoteOrder {
  readonly currency: string
  readonly supplierName: string
  readonly shippingMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly lines: readonly RequoteLine[]
}

export interface RequoteLine {
  readonly lineId: string
  readonly offerId: string
  readonly productId: string
  readonly product: string
  readonly packs: number
  /** In `unit`. */
  readonly packQuantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly taxMinor: number
}

/** The supplier as it is now. */
export interface SupplierTermsNow {
  readonly isArchived: boolean
  readonly currency: string
  readonly taxRate: number
  readonly shippingFeeMinor: number
  readonly freeShippingOverMinor: number | null
  readonly minimumOrderMinor: number
}

/** An offer as it is now. */
export interface OfferNow {
  readonly isArchived: boolean
  readonly productId: string
  readonly currency: string
  readonly unit: string
  readonly packQuantity: number
  readonly packPriceMinor: number
  /** All-units: from `packs` on every pack costs this. */
  readonly breaks: readonly { readonly packs: number; readonly packPriceMinor: number }[]
  readonly stockPacks: number | null
  readonly minimumPacks: number
}

export interface FreshTerms {
  readonly lines: readonly {
    readonly lineId: string
    readonly packPriceMinor: number
    readonly taxRate: number
    readonly taxMinor: number
    readonly lineTotalMinor: number
  }[]
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly totalMinor: number
}

/** `changes`: what is worse now, one clause each. */
export type Requote =
  | { readonly kind: 'worse'; readonly changes: readonly string[] }
  | { readonly kind: 'same' | 'cheaper'; readonly terms: FreshTerms }

export function requote(
  order: RequoteOrder,
  supplier: SupplierTermsNow | undefined,
  offers: ReadonlyMap<string, OfferNow>,
): Requote {
  if (supplier === undefined || supplier.isArchived) {
    return { kind: 'worse', changes: [`${order.supplierName} is not among the suppliers any more`] }
  }
  if (supplier.currency !== order.currency) {
    return { kind: 'worse', changes: [`${order.supplierName} sells in ${supplier.currency} now`] }
  }
  const changes = [
    ...order.lines.flatMap((line) => changesOf(line, offers.get(line.offerId), order)),
    ...outOfStock(order, offers),
  ]
  if (changes.length > 0) return { kind: 'worse', changes }

  const terms = priceAnew(order, supplier, offers)
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  if (terms.subtotalMinor < supplier.minimumOrderMinor) {
    const change = `${order.supplierName} takes orders from ${money(supplier.minimumOrderMinor)} on now, and this one comes to ${money(terms.subtotalMinor)}`
    return { kind: 'worse', changes: [change] }
  }
  if (terms.totalMinor <= order.totalMinor) {
    return { kind: terms.totalMinor < order.totalMinor ? 'cheaper' : 'same', terms }
  }
  // No pack is dearer, so shipping or tax is.
  const shipping =
    terms.shippingMinor > order.shippingMinor
      ? [`shipping costs ${money(terms.shippingMinor)} instead of ${money(order.shippingMinor)}`]
      : []
  const oldTaxMinor = order.lines.reduce((sum, line) => sum + line.taxMinor, 0)
  const tax =
    terms.taxMinor > oldTaxMinor ? [`the tax is ${money(terms.taxMinor)} instead of ${money(oldTaxMinor)}`] : []
  return {
    kind: 'worse',
    changes: [...shipping, ...tax, `the total is ${money(terms.totalMinor)} instead of ${money(order.totalMinor)}`],
  }
}

function changesOf(line: RequoteLine, offer: OfferNow | undefined, order: RequoteOrder): string[] {
  const name = `“${line.product}”`
  if (offer === undefined || offer.isArchived) return [`${name} is not offered any more`]
  if (offer.productId !== line.productId) return [`the offer for ${name} is for another product now`]
  if (offer.currency !== order.currency) return [`${name} is sold in ${offer.currency} now`]
  if (convertQuantity(offer.packQuantity, offer.unit, line.unit) !== line.packQuantity) {
    return [
      `a pack of ${name} holds ${offer.packQuantity} ${offer.unit} now instead of ${line.packQuantity} ${line.unit}`,
    ]
  }
  const changes: string[] = []
  if (line.packs < offer.minimumPacks) {
    changes.push(`${name} is sold from ${offer.minimumPacks} packs on now, and ${line.packs} were ordered`)
  }
  const packPriceMinor = priceAt(offer, line.packs)
  if (packPriceMinor > line.packPriceMinor) {
    const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
    changes.push(`${name} costs ${money(packPriceMinor)} a pack now instead of ${money(line.packPriceMinor)}`)
  }
  return changes
}

/** An offer that several lines are of has its stock only once. */
function outOfStock(order: RequoteOrder, offers: ReadonlyMap<string, OfferNow>): string[] {
  const wanted = new Map<string, { packs: number; product: string }>()
  for (const line of order.lines) {
    const packs = (wanted.get(line.offerId)?.packs ?? 0) + line.packs
    wanted.set(line.offerId, { packs, product: line.product })
  }
  return [...wanted].flatMap(([offerId, { packs, product }]) => {
    const stock = offers.get(offerId)?.stockPacks ?? null
    if (stock === null || stock >= packs) return []
    return [
      `${stock === 0 ? 'no packs' : `only ${stock} packs`} of “${product}” are in stock now, and ${packs} were ordered`,
    ]
  })
}

function priceAnew(order: RequoteOrder, supplier: SupplierTermsNow, offers: ReadonlyMap<string, OfferNow>): FreshTerms {
  const lines = order.lines.map((line) => {
    const offer = offers.get(line.offerId)
    if (offer === undefined) throw new Error(`offer ${line.offerId} was judged but is not there`)
    const packPriceMinor = priceAt(offer, line.packs)
    const lineTotalMinor = packPriceMinor * line.packs
    const taxMinor = rateOf(lineTotalMinor, supplier.taxRate)
    return { lineId: line.lineId, packPriceMinor, taxRate: supplier.taxRate, taxMinor, lineTotalMinor }
  })
  const subtotalMinor = lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)
  const taxMinor = lines.reduce((sum, line) => sum + line.taxMinor, 0)
  const threshold = supplier.freeShippingOverMinor
  const shippingMinor = threshold !== null && subtotalMinor >= threshold ? 0 : supplier.shippingFeeMinor
  const totalMinor = subtotalMinor + shippingMinor + taxMinor - order.discountMinor
  return { lines, subtotalMinor, shippingMinor, taxMinor, totalMinor }
}

function priceAt(offer: OfferNow, packs: number): number {
  let best = { packs: 1, packPriceMinor: offer.packPriceMinor }
  for (const tier of offer.breaks) if (packs >= tier.packs && tier.packs >= best.packs) best = tier
  return best.packPriceMinor
}
