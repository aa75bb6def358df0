import { readFileSync } from 'node:fs'
import { convert, getMeasureKind } from 'convert'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { decimal, gtin, integer, money, oneOf, quantity, readCsv, required, text } from '../../src/platform/csv.js'
import {
  addQuantity,
  ceilToMultiple,
  multiplyQuantity,
  packsToCover,
  rateOf,
  subtractQuantity,
  toMinor,
  unitPriceWithinCap,
} from '../../src/platform/decimal.js'

/** The example café is what newcomers see first and what the demo promises; these are the facts that others build on. */
const folder = new URL('../../examples/cafe/', import.meta.url)
const word = (maxLength: number) => text({ maxLength })

const suppliers = load('suppliers.csv', {
  id: required(word(64)),
  name: required(word(200)),
  channel: required(oneOf(['simulated', 'http', 'email', 'manual'])),
  currency: required(word(3)),
  tax_rate: decimal({ maxDecimals: 4, min: 0, max: 1 }),
  shipping_fee: money(),
  free_shipping_over: money(),
  minimum_order: money(),
  lead_time_days: integer({ min: 0 }),
  url: word(500),
  email: word(200),
})
const offers = load('catalog.csv', {
  supplier: required(word(64)),
  sku: word(64),
  gtin: gtin(),
  name: required(word(200)),
  brand: word(100),
  category: word(100),
  unit: required(word(20)),
  pack_quantity: required(quantity({ above: 0 })),
  price: required(money()),
  stock: integer({ min: 0 }),
  minimum_packs: integer({ min: 1 }),
  break_packs: integer({ min: 2 }),
  break_price: money(),
})
const items = load('items.csv', {
  name: required(word(200)),
  list: word(64),
  sku: word(64),
  gtin: gtin(),
  unit: required(word(20)),
  on_hand: quantity({ min: 0 }),
  daily_use: quantity({ min: 0 }),
  every: word(10),
  reorder_point: quantity({ min: 0 }),
  order_up_to: quantity({ min: 0 }),
  order_multiple: quantity({ above: 0 }),
  minimum_quantity: quantity({ above: 0 }),
  max_unit_price: money(),
  category: word(100),
  notes: text({ maxLength: 500, multiline: true }),
})

type Item = (typeof items)[number]
type Offer = (typeof offers)[number]

/** A stored file in full: the example names every column of the contract, in its order. */
function load<C extends Parameters<typeof readCsv>[2]>(fileName: string, columns: C) {
  const file = readCsv<C>(readFileSync(new URL(fileName, folder)), fileName, columns)
  expect([...file.columns]).toEqual(Object.keys(columns))
  return file.rows.map((row) => row.values)
}

const isDue = (item: Item) => item.every !== null || Number(item.on_hand) <= Number(item.reorder_point)
const due = items.filter(isDue)
const byNameOnly = due.filter((item) => item.sku === null && item.gtin === null)

function need(item: Item): number {
  const upTo = Math.max(item.order_up_to ?? 0, item.reorder_point ?? 0)
  const raw = item.every === null ? subtractQuantity(upTo, item.on_hand ?? 0) : upTo
  const raised = Math.max(raw, item.minimum_quantity ?? 0)
  return item.order_multiple === null ? raised : ceilToMultiple(raised, item.order_multiple)
}

/** Offers of the very product: by sku or gtin, and for an item without either by the product that its name finds. */
function offersFor(item: Item): Offer[] {
  const sought =
    item.sku === null && item.gtin === null ? { sku: null, gtin: bestByName(item.name)[0]?.gtin ?? null } : item
  return offers.filter(
    (offer) =>
      (sought.gtin !== null && offer.gtin === sought.gtin) || (sought.sku !== null && offer.sku === sought.sku),
  )
}

/** How much of the item's unit is in one pack; `null` when the units can't be converted. */
function packIn(item: Item, offer: Offer): number | null {
  if (offer.unit === item.unit) return offer.pack_quantity
  const kind = getMeasureKind(offer.unit)
  if (kind === undefined || kind !== getMeasureKind(item.unit)) return null
  return multiplyQuantity(offer.pack_quantity, convert(1, offer.unit as 'g').to(item.unit as 'g'))
}

interface Choice {
  readonly supplier: string
  readonly costMinor: number
  readonly covers: number
}

/** What each offer that may be bought could cover: all of the need, cheapest first; a part of it, cheapest per unit first. */
function choices(item: Item): { whole: Choice[]; part: Choice[]; withinCap: number } {
  const options = offersFor(item).flatMap((offer) => {
    const pack = packIn(item, offer)
    if (pack === null) return []
    const packs = Math.max(packsToCover(need(item), pack), offer.minimum_packs ?? 1)
    const available = Math.min(packs, offer.stock ?? packs)
    const price = offer.break_price !== null && available >= (offer.break_packs ?? 0) ? offer.break_price : offer.price
    const priceMinor = toMinor(price, 2)
    const isWithinCap = item.max_unit_price === null || unitPriceWithinCap(priceMinor, pack, item.max_unit_price, 'EUR')
    return isWithinCap
      ? [{ supplier: offer.supplier, costMinor: priceMinor * available, covers: multiplyQuantity(pack, available) }]
      : []
  })
  const sorted = options.toSorted((a, b) => a.costMinor - b.costMinor)
  return {
    whole: sorted.filter((choice) => choice.covers >= need(item)),
    part: options
      .filter((choice) => choice.covers > 0)
      .toSorted((a, b) => a.costMinor / a.covers - b.costMinor / b.covers),
    withinCap: sorted.length,
  }
}

/** Trigram similarity as pg_trgm has it: the catalog search that we ship rests on it. */
function similarity(a: string, b: string): number {
  const [left, right] = [trigrams(a), trigrams(b)]
  const shared = [...left].filter((trigram) => right.has(trigram)).length
  return shared / (left.size + right.size - shared)
}

function trigrams(phrase: string): Set<string> {
  const words = phrase.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(
    words.flatMap((plain) => Array.from({ length: plain.length + 1 }, (_, at) => `  ${plain} `.slice(at, at + 3))),
  )
}

/** Products by how well their best name fits, one row a product. */
function bestByName(name: string): { gtin: string | null; score: number }[] {
  const best = new Map<string, { gtin: string | null; score: number }>()
  for (const offer of offers) {
    const product = offer.gtin ?? `${offer.supplier}/${offer.sku}`
    const score = similarity(name, offer.name)
    if (score > (best.get(product)?.score ?? -1)) best.set(product, { gtin: offer.gtin, score })
  }
  return [...best.values()].toSorted((a, b) => b.score - a.score)
}

const unbuyable = ['Single-origin Ethiopia beans', 'Pistachio syrup', 'Blossom honey']
const named = (name: string): Item => {
  const found = items.find((item) => item.name === name)
  if (!found) throw new Error(`${name} is not in items.csv`)
  return found
}

describe('the items', () => {
  it('are at least 48, of one list, with names of their own', () => {
    expect(items.length).toBeGreaterThanOrEqual(48)
    expect(new Set(items.map((item) => item.list))).toEqual(new Set(['cafe']))
    expect(new Set(items.map((item) => item.name.toLowerCase())).size).toBe(items.length)
    expect(items.filter((item) => item.category === null)).toEqual([])
  })

  it('are due in exactly 45 cases; some others only just not', () => {
    expect(due).toHaveLength(45)
    const justAbove = items.filter((item) => !isDue(item) && Number(item.on_hand) <= Number(item.reorder_point) * 1.15)
    expect(justAbove.length).toBeGreaterThanOrEqual(3)
    expect(due.some((item) => item.every === null && item.on_hand === item.reorder_point)).toBe(true)
  })

  it('each order something when due, by levels that make sense', () => {
    for (const item of items) {
      expect(item.order_up_to, item.name).toBeGreaterThan(item.reorder_point ?? 0)
      expect(need({ ...item, on_hand: item.reorder_point }), item.name).toBeGreaterThan(0)
      // Nobody counts every day: what is not a standing need is used up by itself.
      if (item.every === null) expect(item.daily_use, item.name).toBeGreaterThan(0)
      else
        expect(item, item.name).toMatchObject({ every: expect.stringMatching(/^[1-9]\d*[dw]$/), reorder_point: null })
    }
    expect(items.filter((item) => item.every !== null).length).toBeGreaterThanOrEqual(2)
    expect(items.filter((item) => item.max_unit_price !== null).length).toBeGreaterThanOrEqual(5)
  })

  it('mostly name their product; the five or more that do not are found by name, with a clear lead', () => {
    expect(byNameOnly.length).toBeGreaterThanOrEqual(5)
    expect(byNameOnly.length).toBeLessThan(due.length / 4)
    for (const item of byNameOnly) {
      const [first, second] = bestByName(item.name)
      expect(first?.score, item.name).toBeGreaterThan(0.55)
      expect((first?.score ?? 0) - (second?.score ?? 0), item.name).toBeGreaterThan(0.15)
    }
  })
})

describe('the suppliers', () => {
  it('are five, made up, simulated and paid in euros', () => {
    expect(suppliers).toHaveLength(5)
    expect(new Set(suppliers.map((supplier) => supplier.id)).size).toBe(5)
    for (const supplier of suppliers) {
      expect(supplier).toMatchObject({ channel: 'simulated', currency: 'EUR' })
      expect(supplier.url).toMatch(/^https:\/\/[a-z-]+\.example$/)
      expect(supplier.email).toMatch(/^[a-z]+@[a-z-]+\.example$/)
      expect(supplier.lead_time_days).toBeGreaterThanOrEqual(1)
      expect(supplier.lead_time_days).toBeLessThanOrEqual(5)
      expect(['0.07', '0.19']).toContain(supplier.tax_rate)
    }
  })

  it('make at least 220 offers, one for each supplier and sku', () => {
    expect(offers.length).toBeGreaterThanOrEqual(220)
    expect(new Set(offers.map((offer) => `${offer.supplier}/${offer.sku}`)).size).toBe(offers.length)
    const ids = suppliers.map((supplier) => supplier.id)
    for (const offer of offers) expect(ids, offer.sku ?? offer.name).toContain(offer.supplier)
    for (const id of ids) expect(offers.filter((offer) => offer.supplier === id).length, id).toBeGreaterThanOrEqual(20)
  })

  it('overlap: most products that are due have several offers, of different packs, units or suppliers', () => {
    const several = due.filter((item) => offersFor(item).length > 1)
    expect(several.length).toBeGreaterThan(due.length * 0.8)
    const otherUnit = due.filter((item) =>
      offersFor(item).some((offer) => offer.unit !== item.unit && packIn(item, offer) !== null),
    )
    expect(otherUnit.length).toBeGreaterThanOrEqual(5)
    const acrossSuppliers = due.filter((item) => new Set(offersFor(item).map((offer) => offer.supplier)).size > 1)
    expect(acrossSuppliers.length).toBeGreaterThan(due.length / 2)
  })

  it('give sensible quantity breaks, and numbers from the range for in-house use', () => {
    const breaks = offers.filter((offer) => offer.break_packs !== null || offer.break_price !== null)
    expect(breaks.length).toBeGreaterThanOrEqual(10)
    for (const offer of breaks) {
      expect(offer.break_packs, offer.name).not.toBeNull()
      expect(Number(offer.break_price), offer.name).toBeLessThan(Number(offer.price))
      expect(Number(offer.break_price), offer.name).toBeGreaterThan(Number(offer.price) * 0.8)
    }
    expect(offers.some((offer) => offer.minimum_packs !== null)).toBe(true)
    for (const { gtin: number } of [...offers, ...items]) if (number !== null) expect(number).toMatch(/^2/)
  })
})

describe('the first restock', () => {
  it('can buy every due item but the three that are traps', () => {
    const impossible = due.filter((item) => {
      const { part } = choices(item)
      return part.reduce((covered, choice) => addQuantity(covered, choice.covers), 0) < need(item)
    })
    expect(impossible.map((item) => item.name).toSorted()).toEqual(unbuyable.toSorted())
  })

  it('meets a product that is far dearer than it may be', () => {
    const beans = named('Single-origin Ethiopia beans')
    expect(choices(beans).withinCap).toBe(0)
    expect(choices({ ...beans, max_unit_price: null }).whole.length).toBeGreaterThan(0)
    expect(choices({ ...beans, max_unit_price: String(Number(beans.max_unit_price) * 1.4) }).withinCap).toBe(0)
  })

  it('meets a product that is out of stock everywhere', () => {
    const found = offersFor(named('Pistachio syrup'))
    expect(found.length).toBeGreaterThan(1)
    expect(found.map((offer) => offer.stock)).toEqual(found.map(() => 0))
  })

  it('meets a product in a unit that cannot be converted', () => {
    const honey = named('Blossom honey')
    const found = offersFor(honey)
    expect(found.length).toBeGreaterThan(0)
    expect(found.map((offer) => packIn(honey, offer))).toEqual(found.map(() => null))
  })

  it('must split one need over two suppliers', () => {
    const split = due.filter((item) => choices(item).whole.length === 0 && !unbuyable.includes(item.name))
    expect(split.map((item) => item.name)).toEqual(['Oat drink barista'])
    const covered = new Map<string, number>()
    for (const choice of split.flatMap((item) => choices(item).part)) {
      covered.set(choice.supplier, addQuantity(covered.get(choice.supplier) ?? 0, choice.covers))
    }
    expect(covered.size).toBeGreaterThanOrEqual(2)
    for (const [supplier, quantityThere] of covered)
      expect(quantityThere, supplier).toBeLessThan(need(named('Oat drink barista')))
  })

  it('meets near-duplicates that are not what is wanted', () => {
    for (const [wanted, other] of [
      ['Paper cups 8 oz', 'Paper cup lids 8 oz'],
      ['Whole milk 3.5%', 'UHT whole milk 3.5%'],
      ['Oat drink barista', 'Oat drink classic'],
      ['Decaf espresso beans', 'Decaf filter coffee beans'],
      ['Bin bags 60 l', 'Bin bags 120 l'],
    ] as const) {
      const right = offersFor(named(wanted)).map((offer) => offer.sku)
      const near = offers.filter((offer) => offer.name.toLowerCase().includes(other.toLowerCase()))
      expect(near.length, other).toBeGreaterThan(0)
      for (const offer of near) expect(right, other).not.toContain(offer.sku)
    }
  })

  it('costs 900 to 1,600 euros net, reaches every minimum order, and stays inside the limits of restock.yaml', () => {
    const net = new Map<string, number>()
    for (const item of due) {
      const { whole, part } = choices(item)
      const taken = whole.length > 0 ? whole.slice(0, 1) : part.slice(0, 2)
      for (const choice of taken) net.set(choice.supplier, (net.get(choice.supplier) ?? 0) + choice.costMinor)
    }
    const total = [...net.values()].reduce((sum, amount) => sum + amount, 0)
    expect(total).toBeGreaterThan(90_000)
    expect(total).toBeLessThan(160_000)

    const { limits } = parse(readFileSync(new URL('restock.yaml', folder), 'utf8')).lists.cafe
    for (const supplier of suppliers) {
      const amount = net.get(supplier.id) ?? 0
      expect(amount, supplier.id).toBeGreaterThan(toMinor(supplier.minimum_order ?? '0', 2) * 1.2)
      const gross = amount + toMinor(supplier.shipping_fee ?? '0', 2) + rateOf(amount, supplier.tax_rate ?? '0')
      expect(gross, supplier.id).toBeLessThan(toMinor(limits.approve_above, 2))
    }
    expect(toMinor(limits.approve_above, 2)).toBeLessThan(toMinor(limits.per_order, 2))
    expect(total * 1.3).toBeLessThan(toMinor(limits.per_month, 2))
  })

  it('holds only one order back for what was found by name', () => {
    const from = new Set(byNameOnly.map((item) => choices(item).whole[0]?.supplier))
    expect([...from]).toEqual(['glanzmoor'])
  })
})

it('restock.yaml describes the list that items.csv fills', () => {
  const settings = parse(readFileSync(new URL('restock.yaml', folder), 'utf8'))
  expect(settings.lists.cafe).toMatchObject({ currency: 'EUR', time_zone: 'Europe/Berlin', import: '.' })
  expect(settings.schedules).toEqual([
    expect.objectContaining({ list: 'cafe', cron: expect.stringMatching(/^(\S+ ){4}\S+$/) }),
  ])
})
