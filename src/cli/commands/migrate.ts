import type { Command } from 'commander'
import type { Cli } from '../cli.js'

export function registerMigrate(program: Command, cli: Cli): void {
  program
    .command('migrate')
    .description(
      'Bring the database schema up to date. Every other command does it by itself; this one does only that.',
    )
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://… restock migrate')
    .action(async (_options: unknown, command: Command) => {
      await cli.withApp(
        command,
        async (app) => {
          const { migrateDatabase } = await import('../../platform/migrate.js')
          const applied = await migrateDatabase(app.database, { queueOnPostgres: app.config.redisUrl === null })
          cli.answer(command, { applied }, () =>
            applied.length === 0
              ? 'The schema is up to date.'
              : `Applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
          )
        },
        { skipMigrations: true, doing: 'Bringing the schema up to date…' },
      )
    })
}
