import { cleanText } from '../../platform/csv.js'
import { oneLine } from '../channels/one-line.js'

/** More of a supplier's words than this no page and no model gets to read. */
const maxLength = 120

/**
 * A supplier's words as they may be shown: one line that reads in one direction, no control characters, not long. They are
 * data, never instructions.
 */
export function supplierText(raw: string): string {
  const letters = [...oneLine(cleanText(raw, false))]
  return letters.length <= maxLength ? letters.join('') : `${letters.slice(0, maxLength - 1).join('')}…`
}

/**
 * The form in which texts are compared: small letters without accents, words and numbers apart by one space. "Café-Crème
 * 500g" becomes "cafe creme 500 g".
 */
export function searchText(...texts: readonly (string | null)[]): string {
  return texts
    .filter((text) => text !== null)
    .join(' ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/(\d)[.,](?=\d)/g, '$1.')
    .replace(/(\d)(?=\p{L})/gu, '$1 ')
    .replace(/(\p{L})(?=\d)/gu, '$1 ')
    .replace(/[^\p{L}\p{N}.]+|\.(?!\d)|(?<!\d)\./gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
