import { randomInt } from 'node:crypto'

/** What is played, and how much of it: `ADVERSARY_SEQUENCES` (5000 over all files) and `ADVERSARY_SEED` (any, and printed). */
export function readSettings(): { readonly sequences: number; readonly seed: number } {
  return {
    sequences: wholeNumber('ADVERSARY_SEQUENCES') ?? 5_000,
    // Room for one seed a sequence within 31 bits.
    seed: wholeNumber('ADVERSARY_SEED') ?? randomInt(2 ** 30),
  }
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  if (/^\d{1,9}$|^1\d{9}$/.test(text)) return Number(text)
  throw new Error(`${name} is "${text}"; write a whole number`)
}
