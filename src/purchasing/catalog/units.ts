import { type Area, convert, getMeasureKind, type Length, type Mass, MeasureKind, type Volume } from 'convert'
import { MAX_QUANTITY, roundQuantity } from '../../platform/decimal.js'

/** Words for a single piece; "st" is "Stück" here, not a stone. */
const pieceWords = new Set(
  'pcs pc piece pieces each ea unit units ct count st stk stck stück stueck x pce pces'.split(' '),
)
const dozenWords = new Set(['dozen', 'dozens', 'doz', 'dz'])

/** Spellings from price lists that the library doesn't know. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['kilo', 'kg'],
  ['kilos', 'kg'],
  ['gr', 'g'],
  ['grm', 'g'],
  ['lt', 'l'],
  ['ltr', 'l'],
  ['ltrs', 'l'],
  ['mtr', 'm'],
  ['qm', 'm2'],
  ['sqm', 'm2'],
  ['sq m', 'm2'],
  ['m²', 'm2'],
  ['cbm', 'm3'],
  ['m³', 'm3'],
])

type Measure = { readonly kind: MeasureKind | 'count'; readonly unit: string; readonly factor: number }

/**
 * A quantity in another unit, at most three decimals: 500 g are 0.5 kg. `null` when that isn't possible: different
 * measures ("kg" and "l"), packaging words ("box" is only ever a box), or a result that three decimals can't hold.
 */
export function convertQuantity(quantity: number, from: string, to: string): number | null {
  const source = plainUnit(from)
  const target = plainUnit(to)
  if (source === target || singular(source) === singular(target)) return quantity
  const a = measureOf(source)
  const b = measureOf(target)
  if (a === null || b === null || a.kind !== b.kind) return null
  const converted = a.kind === 'count' ? (quantity * a.factor) / b.factor : convertMeasure(quantity, a, b)
  if (!(converted <= MAX_QUANTITY)) return null
  const rounded = roundQuantity(converted)
  // Binary noise (750.0000000000001 ml) is forgiven; a real rest (1 lb in kg) would buy another quantity than was asked for.
  return rounded > 0 && Math.abs(rounded - converted) <= converted * 1e-6 ? rounded : null
}

function plainUnit(unit: string): string {
  const plain = unit.normalize('NFC').trim().toLowerCase().replace(/\s+/g, ' ').replace(/\.$/, '')
  return spellings.get(plain) ?? plain
}

function singular(word: string): string {
  if (/(?:x|ch|sh|ss)es$/.test(word)) return word.slice(0, -2)
  return /[^s]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word
}

/**
 * Read in lower case: "ML" on a price list is a millilitre, never a megalitre. Only what goods are sold by: the library
 * also knows "c" as a temperature and "h" as a time.
 */
function measureOf(unit: string): Measure | null {
  if (pieceWords.has(unit)) return { kind: 'count', unit, factor: 1 }
  if (dozenWords.has(unit)) return { kind: 'count', unit, factor: 12 }
  for (const spelling of [unit, singular(unit), unit.replace(/s$/, '')]) {
    const kind = getMeasureKind(spelling)
    switch (kind) {
      case MeasureKind.Mass:
      case MeasureKind.Volume:
      case MeasureKind.Length:
      case MeasureKind.Area:
        return { kind, unit: spelling, factor: 1 }
    }
  }
  return null
}

/** `a` and `b` are of one kind; the library's types ask for that kind by name. */
function convertMeasure(quantity: number, a: Measure, b: Measure): number {
  switch (a.kind) {
    case MeasureKind.Mass:
      return convert(quantity, a.unit as Mass).to(b.unit as Mass)
    case MeasureKind.Volume:
      return convert(quantity, a.unit as Volume).to(b.unit as Volume)
    case MeasureKind.Length:
      return convert(quantity, a.unit as Length).to(b.unit as Length)
    default:
      return convert(quantity, a.unit as Area).to(b.unit as Area)
  }
}
