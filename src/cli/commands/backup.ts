import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { packageVersion } from '../../config/paths.js'
import { dropDatabase, findLeftovers, withRestoreLock } from '../../platform/backup/swap-database.js'
import { InputError } from '../../platform/errors.js'
import { armFailpoints } from '../../platform/failpoints.js'
import { type Cli, openingText } from '../cli.js'
import { adminUrlFor, type OpenServer, openServer } from '../open-server.js'
import type { RestoredBackup } from '../restore-backup.js'
import { zonedTime } from '../terminal/local-time.js'

export function registerBackup(program: Command, cli: Cli): void {
  program
    .command('backup')
    .description('Write everything the database holds to one file, also while Restock is running.')
    .argument('[file]', 'where to; restock-<time>.backup in this folder if not said')
    .option('--force', 'overwrite a file that is there')
    .addHelpText(
      'after',
      `
The file holds lists, stock, suppliers, orders, limits, schedules, runs and who
may sign in. It does not hold the queue, which is made anew from these, nor the
secret, restock.yaml and what is in the environment: keep the last two as well,
a new secret is made by itself.

Example:
  restock backup /mnt/backups/restock-$(date +%F).backup`,
    )
    .action(async (file: string | undefined, options: { force?: boolean }, command: Command) => {
      const { databaseUrl: outside, dataDir } = cli.config(command)
      if (outside === null && !existsSync(join(dataDir, 'postgres.json'))) {
        throw new InputError(
          `There is no database in ${dataDir} to back up; name the data folder with --data-dir, or set DATABASE_URL.`,
        )
      }
      await withServer(cli, command, async ({ databaseUrl }) => {
        const now = new Date()
        const name = `restock-${now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}.backup`
        const { writeBackup } = await import('../../platform/backup/write-backup.js')
        const written = await cli.during(command, 'Writing the backup…', () =>
          writeBackup({
            databaseUrl,
            file: file === undefined ? join(cli.io.cwd, name) : resolve(cli.io.cwd, file),
            mayOverwrite: options.force === true,
            program: packageVersion,
            now,
          }),
        )
        cli.answer(
          command,
          written,
          () =>
            `Wrote ${written.file} (${written.rows} rows, ${size(written.bytes)}). Only you can read it; restore it with: restock restore ${written.file}`,
        )
      })
    })

  program
    .command('restore')
    .description('Put a backup in the place of the database. Buying stays paused until you have looked.')
    .argument('[file]', 'a file that `restock backup` wrote')
    .option('--replace', 'there is data here already: keep it aside and put the backup in its place')
    .option('--discard-replaced', 'delete what earlier restores have put aside or left unfinished, and do nothing else')
    .addHelpText(
      'after',
      `
Everything else of Restock has to be stopped. A file that can't be used changes
nothing, nor does a restore that is cut off before its end: until then it works
on a database beside the one that is there. What may have happened since the
backup is not known afterwards, so orders that were on their way out are in
doubt, runs are ended, and buying is paused for every list.

Example:
  restock restore /mnt/backups/restock-2026-03-02.backup \\
    --data-dir /var/lib/restock-new
  restock restore restock-2026-03-02.backup --replace`,
    )
    .action(
      async (
        file: string | undefined,
        options: { replace?: boolean; discardReplaced?: boolean },
        command: Command,
      ): Promise<void> => {
        if (options.discardReplaced === true) return discard(cli, command, file)
        if (file === undefined) throw new InputError('Name the file to restore: restock restore FILE.')
        const path = resolve(cli.io.cwd, file)
        await withServer(cli, command, async (server) => {
          const config = cli.config(command)
          const { restoreBackup } = await import('../restore-backup.js')
          const restored = await cli.during(command, 'Restoring the backup…', () =>
            restoreBackup({
              config,
              log: cli.log(command, config),
              server,
              file: path,
              mayReplace: options.replace === true,
            }),
          )
          cli.answer(command, restored, () => describe(restored))
        })
      },
    )
}

async function discard(cli: Cli, command: Command, file: string | undefined): Promise<void> {
  if (file !== undefined) throw new InputError('--discard-replaced restores nothing: leave out the file.')
  await withServer(cli, command, async (opened) => {
    const adminUrl = opened.adminUrl ?? adminUrlFor(opened.databaseUrl)
    const server = { databaseUrl: opened.databaseUrl, adminUrl, owner: opened.owner }
    const replaced = await withRestoreLock(server, async () => {
      const found = await findLeftovers(server)
      for (const name of found) await dropDatabase(server, name)
      return found
    })
    cli.answer(command, { discarded: replaced }, () =>
      replaced.length === 0 ? 'No restore has put anything aside.' : `Deleted ${replaced.join(', ')}.`,
    )
  })
}

async function withServer(cli: Cli, command: Command, work: (server: OpenServer) => Promise<void>): Promise<void> {
  const config = cli.config(command)
  armFailpoints(config.failpoints)
  const server = await cli.during(command, openingText(config), () => openServer(config, cli.log(command, config)))
  try {
    await work(server)
  } finally {
    await cli.during(command, 'Closing the database…', () => server.close())
  }
}

function describe(restored: RestoredBackup): string {
  const { ordersInDoubt, ordersAwaitingApproval, keptAs } = restored
  const orders = (count: number) => (count === 1 ? '1 order' : `${count} orders`)
  return [
    `Restored ${restored.rows} rows, as they were at ${zonedTime(new Date(restored.backupAt))}.`,
    ...(keptAs === null
      ? []
      : [
          `What was here before is kept as the database ${keptAs} of the same server; \`restock restore --discard-replaced\` deletes it.`,
        ]),
    'Buying is PAUSED for every list, since what was ordered after the backup is not known here. Before you let it go on:',
    ...(ordersInDoubt === 0
      ? []
      : [
          `  ${orders(ordersInDoubt)} may have been sent since: suppliers that can be asked are asked once \`restock up\` runs, the others are for you:`,
          '    restock orders list --status unknown',
          '    restock orders resolve ORDER --placed   # or --not-placed',
        ]),
    ...(ordersAwaitingApproval === 0
      ? []
      : [`  ${orders(ordersAwaitingApproval)} waiting for approval may have been approved since; each says so.`]),
    '  Compare with your suppliers what was ordered since then (`restock orders import` takes it in), and count what has come in.',
    'Then: restock limits set --all paused false',
  ].join('\n')
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
