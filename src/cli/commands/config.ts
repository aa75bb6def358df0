import type { Command } from 'commander'
import { stringify } from 'yaml'
import { maskConfig } from '../../config/config.js'
import type { Cli } from '../cli.js'

export function registerConfig(program: Command, cli: Cli): void {
  program
    .command('config')
    .description('Print the effective configuration: environment, file, flags and defaults together, secrets masked.')
    .addHelpText('after', '\nExample:\n  RESTOCK_WEB_PORT=8080 restock config')
    .action((_options: unknown, command: Command) => {
      const shown = maskConfig(cli.config(command))
      cli.answer(command, shown, () => stringify(shown))
    })
}
