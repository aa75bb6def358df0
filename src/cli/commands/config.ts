import type { Command } from 'commander'
import { stringify } from 'yaml'
import { maskConfig } from '../../config/config.js'
import type { Cli } from '../cli.js'
import { describeChanges } from '../config/config-changes.js'
import { switchConfig } from '../config/follow-config.js'

export function registerConfig(program: Command, cli: Cli): void {
  const config = program
    .command('config')
    .description('Print the effective configuration: environment, file, flags and defaults together, secrets masked.')
    .addHelpText('after', '\nExample:\n  RESTOCK_WEB_PORT=8080 restock config')
    .action((_options: unknown, command: Command) => {
      const shown = maskConfig(cli.config(command))
      cli.answer(command, shown, () => stringify(shown))
    })
  config
    .command('apply')
    .description(
      "Let this configuration file decide about the database's lists, limits and schedules, whichever did before.",
    )
    .addHelpText(
      'after',
      [
        '',
        'A database follows one file: changes to it apply by themselves, another file',
        'changes nothing until it is applied here. Lists and schedules of the file before',
        'that this one does not name are archived, with their history.',
        '',
        'Example:',
        '  restock config apply --config /etc/restock/cafe.yaml',
      ].join('\n'),
    )
    .action(async (_options: unknown, command: Command) => {
      await cli.withApp(
        command,
        async (app) => {
          const { file, imported, changes } = await switchConfig(app.ctx, app.config)
          const lines = [...describeChanges(changes), ...imported.map((list) => `  content imported for list ${list}`)]
          cli.answer(command, { file, imported, ...changes }, () =>
            lines.length === 0
              ? `${file} is in force; nothing changed.`
              : [`${file} is in force now:`, ...lines].join('\n'),
          )
        },
        { whenNotInForce: 'leave', doing: 'Applying the configuration…' },
      )
    })
}
