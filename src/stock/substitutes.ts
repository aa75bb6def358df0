import type { Column } from '../platform/csv-columns.js'
import { InputError } from '../platform/errors.js'
import { parseGtin } from '../platform/gtin.js'
import { quoted } from '../platform/quoted.js'

/** Something that may be bought where the item's own products can't cover its need. */
export interface Substitute {
  readonly kind: 'sku' | 'gtin' | 'product'
  /** The sku, gtin, or id of a product of the catalog. */
  readonly ref: string
}

const most = 10
const kinds = ['sku', 'gtin', 'product'] as const

/** What people write, in order of preference: `gtin:4006381333931 | sku:OM-2`; without a kind it is a gtin if it can be one. */
export function parseSubstitutes(text: string): Substitute[] {
  const substitutes = text.split('|').map((part) => parseSubstitute(part.trim()))
  if (substitutes.length > most) {
    throw new InputError(`has ${substitutes.length} substitutes; name at most ${most}`)
  }
  const seen = new Set<string>()
  for (const substitute of substitutes) {
    const written = format(substitute)
    if (seen.has(written)) throw new InputError(`names ${quoted(written)} twice; name each substitute once`)
    seen.add(written)
  }
  return substitutes
}

/** The one way to write them, which is how they are stored. */
export function formatSubstitutes(substitutes: readonly Substitute[]): string {
  return substitutes.map(format).join('|')
}

/** Of the stored text. */
export function readSubstitutes(stored: string | null): Substitute[] {
  return stored === null ? [] : parseSubstitutes(stored)
}

/** A CSV column of them, as stored. */
export function substitutes(): Column<string | null> {
  return { required: false, parse: (text) => (text === '' ? null : formatSubstitutes(parseSubstitutes(text))) }
}

/** What is wrong with them for this item, or null: an item can't stand in for itself. */
export function findOwnCode(item: {
  readonly sku: string | null
  readonly gtin: string | null
  readonly substitutes: string | null
}): string | null {
  const own = readSubstitutes(item.substitutes).find(
    ({ kind, ref }) => (kind === 'sku' && ref === item.sku) || (kind === 'gtin' && ref === item.gtin),
  )
  return own === undefined ? null : `${own.kind} ${own.ref} is the item itself; leave it out`
}

function parseSubstitute(text: string): Substitute {
  const [, named, rest = ''] = /^(sku|gtin|product) ?: ?(.*)$/i.exec(text) ?? []
  const kind = kinds.find((word) => word === named?.toLowerCase())
  const ref = kind === undefined ? text : rest.trim()
  if (ref === '') throw new InputError('has a blank substitute; write such as sku:OM-2 | gtin:4006381333931')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what nobody can see is no part of a code
  if (ref.length > 64 || /[\u0000-\u001f\u007f]/.test(ref)) {
    throw new InputError(`${quoted(ref)} can't be a code; write at most 64 visible characters`)
  }
  if (kind === 'gtin') return { kind, ref: parseGtin(ref) }
  if (kind !== undefined) return { kind, ref: ref.normalize('NFC') }
  if (ref.startsWith('prd_')) return { kind: 'product', ref }
  try {
    return { kind: 'gtin', ref: parseGtin(ref) }
  } catch {
    return { kind: 'sku', ref: ref.normalize('NFC') }
  }
}

function format({ kind, ref }: Substitute): string {
  return `${kind}:${ref}`
}
