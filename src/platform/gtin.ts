import { InputError } from './errors.js'
import { quoted } from './quoted.js'

/**
 * A GTIN (EAN, UPC) of 8, 12, 13 or 14 digits, check digit verified, in the one form that we store and compare: 8 digits
 * for a GTIN-8, 13 for UPC and EAN (a UPC gets its leading 0), 14 only for an outer case. So two spellings of one
 * number are equal as text. Spaces and hyphens are forgiven.
 */
export function parseGtin(text: string): string {
  const digits = text.replace(/[\s-]/g, '')
  if (/^\d[.,]\d+e\+?\d+$/i.test(digits)) {
    throw new InputError(
      `${quoted(text)} is a rounded number; format the column as text in your spreadsheet and enter the GTIN again`,
    )
  }
  if (!/^(?:\d{8}|\d{12,14})$/.test(digits)) {
    throw new InputError(`${quoted(text)} is not a GTIN; it needs 8, 12, 13 or 14 digits`)
  }
  const body = digits.slice(0, -1)
  const expected = gtinCheckDigit(body)
  if (digits.at(-1) !== expected) {
    throw new InputError(
      `${quoted(text)} is not a GTIN; its last digit would have to be ${expected}, so a digit is wrong somewhere`,
    )
  }
  const significant = digits.replace(/^0+/, '')
  return significant.length <= 8 ? significant.padStart(8, '0') : significant.padStart(13, '0')
}

/** GS1's mod-10 digit: weights 3, 1, 3, … from the right. */
export function gtinCheckDigit(body: string): string {
  let sum = 0
  for (const [index, digit] of [...body].reverse().entries()) sum += Number(digit) * (index % 2 === 0 ? 3 : 1)
  return String((10 - (sum % 10)) % 10)
}
