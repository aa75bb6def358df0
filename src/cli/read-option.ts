import { Option } from 'commander'
import { parseDecimal, parseQuantity } from '../platform/decimal.js'
import { InputError } from '../platform/errors.js'
import { nearest } from '../platform/nearest.js'

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
  const meant = nearest(text, choices)
  const hint = meant === undefined ? '' : `did you mean ${meant}? Else `
  throw new InputError(`${name}: "${text}" is not possible; ${hint}write one of ${choices.join(', ')}.`)
}

/** An option that takes one of some words: help and shell completion name them, and others are refused by `readChoice`. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description).choices(choices)
  return option.argParser((text: string) => readChoice(option.long ?? flags, text, choices))
}

function naming<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}.`, error.code) : error
  }
}
