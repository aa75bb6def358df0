import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { exportCatalog, exportOrders, exportReceipts, exportSuppliers } from '../../purchasing/catalog/export-csv.js'
import { importCatalog } from '../../purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../purchasing/catalog/import-suppliers.js'
import { importReceipts } from '../../purchasing/orders/import-receipts.js'
import { exportItems } from '../../stock/export-items.js'
import { importItems } from '../../stock/import-items.js'
import { requireList } from '../../stock/lists.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readNamedFile } from '../read-file.js'
import { readOrders, warn } from './import-orders.js'

interface Counts {
  readonly created: number
  readonly updated?: number
  readonly unchanged: number
  readonly notes?: readonly string[]
}

interface Input {
  readonly bytes: Uint8Array
  readonly fileName: string
  readonly list: string
  readonly by: string
}

/** The files of a folder, in the order in which one needs the other. */
const files: readonly {
  readonly name: string
  readonly write: (ctx: DomainContext, list: string) => Promise<string>
  readonly read: (ctx: DomainContext, input: Input) => Promise<Counts>
}[] = [
  { name: 'suppliers.csv', write: (ctx) => exportSuppliers(ctx), read: importSuppliers },
  { name: 'catalog.csv', write: (ctx) => exportCatalog(ctx), read: importCatalog },
  { name: 'items.csv', write: (ctx, list) => exportItems(ctx, { list }), read: importItems },
  {
    name: 'orders.csv',
    write: exportOrders,
    read: (ctx, input) => readOrders(ctx, { ...input, leaveOutUnsent: true }),
  },
  { name: 'receipts.csv', write: exportReceipts, read: importReceipts },
]

const names = files.map((file) => file.name).join(', ')

export function registerTransfer(program: Command, cli: Cli): void {
  program
    .command('export')
    .description(`Write a list to a folder: ${names}.`)
    .argument('<folder>', 'where to; made if it is not there')
    .option('--list <list>', 'the list; not needed when there is only one')
    .option('--force', 'overwrite files that are there')
    .addHelpText('after', '\nExample:\n  restock export backup/cafe --list cafe')
    .action(async (folder: string, options: { list?: string; force?: boolean }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const list = (await requireList(ctx, options.list)).id
        const target = resolve(cli.io.cwd, folder)
        const taken = files.map((file) => join(target, file.name)).filter((path) => existsSync(path))
        if (taken.length > 0 && options.force !== true) {
          throw new InputError(`${taken[0]} is there already; name another folder, or add --force to overwrite it.`)
        }
        await mkdir(target, { recursive: true })
        for (const { name, write } of files) {
          await cli.during(command, `Exporting ${name}…`, async () =>
            writeFile(join(target, name), await write(ctx, list)),
          )
        }
        const written = files.map((file) => join(target, file.name))
        cli.answer(command, { list, files: written }, () => `Wrote list ${list} to\n${written.join('\n')}`)
      })
    })

  program
    .command('import')
    .description(`Read a folder back, all of it or nothing: ${names}, as far as they are there.`)
    .argument('<folder>', 'a folder as `restock export` writes it')
    .option('--list <list>', 'the list that items without a list of their own belong to')
    .addHelpText('after', '\nExample:\n  restock import examples/cafe --list cafe')
    .action(async (folder: string, options: { list?: string }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const list = (await requireList(ctx, options.list)).id
        const source = resolve(cli.io.cwd, folder)
        const present = files.filter((file) => existsSync(join(source, file.name)))
        if (present.length === 0) {
          throw new InputError(
            existsSync(source)
              ? `${source} has none of ${names}.`
              : `There is no folder ${source}; check the name and the folder you are in.`,
          )
        }
        // All of the folder or nothing.
        const counts = await inTransaction(ctx, async (tx) => {
          const done: Record<string, Counts> = {}
          for (const { name, read } of present) {
            const file = await readNamedFile(join(source, name), cli.io)
            // What was exported empty has a header alone; nothing to read back is no mistake here.
            if (file.bytes.length > 0 && file.bytes.indexOf(0x0a) === file.bytes.length - 1) continue
            done[name] = await cli.during(command, `Importing ${name}…`, () =>
              read(tx, { ...file, list, by: actorName(cli.io.env) }),
            )
          }
          return done
        })
        for (const { notes = [] } of Object.values(counts)) warn(cli, { notes })
        cli.answer(command, counts, () =>
          Object.entries(counts)
            .map(([name, { created, updated, unchanged }]) =>
              [
                `${name}: ${created} new`,
                ...(updated === undefined ? [] : [`${updated} changed`]),
                `${unchanged} unchanged`,
              ].join(', '),
            )
            .join('\n'),
        )
      })
    })
}
