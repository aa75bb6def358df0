import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.js'

/** The whole program with nothing behind it, and what it wrote. */
export function createSilentProgram(): { readonly program: Command; readonly written: string[] } {
  const written: string[] = []
  const program = createProgram({
    env: {},
    cwd: '/',
    stdout: (text) => written.push(text),
    stderr: (text) => written.push(text),
    isTerminal: false,
    columns: 80,
    stderrIsTerminal: false,
    stderrColumns: 80,
    setExitCode: () => undefined,
  })
  return { program, written }
}

/** Commands that help shows; what stays hidden is between programs. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.createHelp().visibleCommands(command).flatMap(everyCommand)].filter(
    (each) => each.name() !== 'help',
  )
}

/** `restock orders list` */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
