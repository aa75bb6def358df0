import type { Command, Option } from 'commander'
import { type Values, valuesOfArgument, valuesOfOption } from './values.js'

/** A word and what it is for. */
export interface Word {
  readonly name: string
  readonly about: string
}

/**
 * What a completion script knows of the program: by a key what can stand there. Keys are `commands|orders`,
 * `options|orders list`, `value|orders list|--status` (empty: the option takes none) and `argument|orders show|1`.
 * Those that end in or have a `*` are patterns, and come last.
 */
export interface LookupTable {
  readonly words: readonly (readonly [key: string, words: readonly Word[]])[]
  readonly values: readonly (readonly [key: string, values: Values])[]
}

export function createLookupTable(program: Command): LookupTable {
  const shared = optionsOf(program)
  const known = new Set(shared.map(({ long }) => long))
  const words: [string, Word[]][] = []
  const values: [string, Values][] = []
  const visit = (command: Command, path: string) => {
    const children = command.createHelp().visibleCommands(command)
    const subcommands = children.map((child) => ({ name: child.name(), about: inShort(child.description()) }))
    if (subcommands.length > 0) words.push([`commands|${path}`, subcommands])
    const own = command === program ? [] : optionsOf(command).filter(({ long }) => !known.has(long))
    words.push([`options|${path}`, [...own, ...shared].flatMap(toWords)])
    for (const option of own) addOption(option, path)
    command.registeredArguments.forEach((argument, at) => {
      const found = valuesOfArgument(path, argument.name(), argument.argChoices)
      values.push([`argument|${path}|${argument.variadic ? '*' : at + 1}`, found])
    })
    for (const child of children) visit(child, path === '' ? child.name() : `${path} ${child.name()}`)
  }
  const addOption = (option: Option, path: string) => {
    if (!option.required && !option.optional) return
    for (const { name } of toWords(option)) {
      values.push([`value|${path}|${name}`, valuesOfOption(option.long ?? name, option.argChoices)])
    }
  }
  visit(program, '')
  for (const option of shared) addOption(option, '*')
  return { words, values }
}

function optionsOf(command: Command): Option[] {
  return [...command.createHelp().visibleOptions(command)]
}

/** By its long name: what completes is worth reading. */
function toWords({ long, description }: Option): Word[] {
  return typeof long === 'string' ? [{ name: long, about: inShort(description) }] : []
}

/** The first clause: a menu has one line for it. */
function inShort(text: string): string {
  return text.replace(/([.;:(]\s.*|\.)$/s, '').trim()
}

/** As scripts write it: one word for the kind, and what belongs to it. */
export function specOf(values: Values): string {
  if (values.kind === 'choices') return `choices ${values.choices.join(' ')}`
  if (values.kind === 'stored') return `stored ${values.what}`
  return values.kind
}
