import { Argument, type Command } from 'commander'
import type { Cli } from '../cli.js'
import { bashScript } from '../completion/bash.js'
import { fishScript } from '../completion/fish.js'
import { createLookupTable, type LookupTable } from '../completion/lookup-table.js'
import { zshScript } from '../completion/zsh.js'
import { readChoice } from '../read-option.js'

const scripts: Readonly<Record<string, (table: LookupTable) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}
const shells = Object.keys(scripts)

export function registerCompletion(program: Command, cli: Cli): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and ids in your shell.')
    .addArgument(
      new Argument('<shell>', 'whose script').choices(shells).argParser((text) => readChoice('shell', text, shells)),
    )
    .addHelpText(
      'after',
      `
Ids of orders, runs, items and the like are completed while a database runs;
none is started for it.

Example:
  restock completion bash >> ~/.bashrc
  restock completion zsh > ~/.zfunc/_restock
  restock completion fish > ~/.config/fish/completions/restock.fish`,
    )
    .action((shell: string, _options: unknown, command: Command) => {
      const script = scripts[shell]?.(createLookupTable(program)) ?? ''
      cli.answer(command, { shell, script }, () => script)
    })
}
