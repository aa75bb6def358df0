import type { Command } from 'commander'
import { InputError } from '../platform/errors.js'
import { nearest } from '../platform/nearest.js'

/**
 * Refuses what is no command, with what was probably meant. Commander by itself looks only at groups that do nothing
 * themselves, and never beyond the group: to it `restock runs sohw` is an argument too many, and `restock approve` unlike
 * anything.
 */
export function refuseUnknownCommands(program: Command): void {
  for (const group of groupsOf(program)) {
    group.on('command:*', ([name = '']: readonly string[]) => {
      throw unknownCommand(group, name)
    })
    // What a group that does something itself is given too much is looked at below: `restock itmes --due` is about itmes.
    group.allowExcessArguments(true).allowUnknownOption(true)
  }
  program.hook('preAction', (_program, command) => {
    const [first] = command.args
    if (first === undefined || command.commands.length === 0) return
    throw first.startsWith('-') ? unknownOption(command, first) : unknownCommand(command, first)
  })
}

function groupsOf(command: Command): Command[] {
  return command.commands.length === 0 ? [] : [command, ...command.commands.flatMap(groupsOf)]
}

function unknownCommand(group: Command, name: string): InputError {
  const path = pathOf(group)
  const meant = probablyMeant(group, name).map((each) => `\`${each}\``)
  const last = meant.pop()
  const hint =
    last === undefined
      ? `\`${path} --help\` lists them all.`
      : `did you mean ${meant.length === 0 ? last : `${meant.join(', ')} or ${last}`}?`
  return new InputError(`There is no command "${path} ${name.slice(0, 60)}"; ${hint}`, 'unknown_command')
}

function unknownOption(command: Command, flag: string): InputError {
  const flags: string[] = []
  for (let each: Command | null = command; each !== null; each = each.parent) {
    flags.push(
      ...each
        .createHelp()
        .visibleOptions(each)
        .flatMap(({ long }) => long ?? []),
    )
  }
  const name = flag.replace(/=.*/s, '').slice(0, 60)
  // Of those that are as near, the one that begins the same.
  const meant = nearest(
    name,
    flags.toSorted((a, b) => sharedStart(name, b) - sharedStart(name, a)),
  )
  const hint = meant === undefined ? '.' : `; did you mean ${meant}?`
  return new InputError(`unknown option '${name}'${hint}`, 'unknown_option')
}

function sharedStart(word: string, other: string): number {
  let length = 0
  while (length < word.length && word[length] === other[length]) length++
  return length
}

/**
 * A command of the group that is spelled almost like it, else those of the same name anywhere else. More than a few would be no help,
 * and whoever has named a group means that one, unless there is a single other.
 */
function probablyMeant(group: Command, name: string): string[] {
  const near = nearest(name, group.commands.filter(isVisible).flatMap(namesOf))
  if (near !== undefined) return [`${pathOf(group)} ${near}`]
  let root = group
  while (root.parent !== null) root = root.parent
  const elsewhere = root.commands.flatMap((command) => [command, ...command.commands]).filter(isVisible)
  const same = elsewhere.filter((command) => namesOf(command).includes(name)).map(pathOf)
  return same.length > (group === root ? 4 : 1) ? [] : same
}

function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()]
}

function isVisible(command: Command): boolean {
  return command.parent === null || command.parent.createHelp().visibleCommands(command.parent).includes(command)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
