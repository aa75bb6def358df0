import { parseDecimal, parseQuantity } from '../platform/decimal.js'
import { InputError } from '../platform/errors.js'

/** A quantity given on the command line, at most three decimals. Its range is for the domain to judge. */
export function readQuantity(name: string, text: string): number {
  return naming(name, () => parseQuantity(text))
}

export function readOptionalQuantity(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readQuantity(name, text)
}

/** A whole number given on the command line. */
export function readCount(name: string, text: string, range: { readonly min: number; readonly max: number }): number {
  return naming(name, () => Number(parseDecimal(text, { ...range, maxDecimals: 0 })))
}

export function readChoice<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find((choice) => choice === text)
  if (chosen !== undefined) return chosen
  throw new InputError(`${name}: "${text}" is not possible; write one of ${choices.join(', ')}.`)
}

function naming<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}.`, error.code) : error
  }
}
