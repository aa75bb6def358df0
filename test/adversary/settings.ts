import { randomInt } from 'node:crypto'

export interface Settings {
  readonly sequences: number
  readonly seed: number
  /** How long a sequence that fails is made smaller. */
  readonly shrinkSeconds: number
}

/** `ADVERSARY_SEQUENCES` (5000), `ADVERSARY_SEED` (any, and printed), `ADVERSARY_SHRINK_SECONDS` (60). */
export function readSettings(): Settings {
  return {
    sequences: wholeNumber('ADVERSARY_SEQUENCES') ?? 5_000,
    shrinkSeconds: wholeNumber('ADVERSARY_SHRINK_SECONDS') ?? 60,
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
