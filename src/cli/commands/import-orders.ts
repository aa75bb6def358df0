import type { Command } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { type ImportedOrders, type ItemBook, importOrders } from '../../purchasing/orders/import-orders.js'
import { type ItemRefs, readItemRefs } from '../../stock/item-refs.js'
import { findLists, type ListView, pickList } from '../../stock/lists.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readNamedFile } from '../read-file.js'
import { plainText } from '../terminal/table.js'

export function registerImport(orders: Command, cli: Cli): void {
  orders
    .command('import')
    .description(
      'Record orders that were placed elsewhere from a CSV file, all or none; nothing is ever sent for them. Known ones must be as the file says.',
    )
    .argument('<file>', 'the CSV file, as `restock export` writes it; - reads stdin')
    .option('--list <list>', 'the list for rows that name none')
    .addHelpText('after', '\nExample:\n  restock orders import orders.csv --list cafe')
    .action(async (path: string, options: { list?: string }, command: Command) => {
      const file = await readNamedFile(path, cli.io)
      await cli.withApp(command, async ({ ctx }) => {
        const orders = { ...file, list: options.list ?? null, by: actorName(cli.io.env) }
        const done = await cli.during(command, 'Importing orders…', () => readOrders(ctx, orders))
        warn(cli, done)
        cli.answer(
          command,
          { file: file.fileName, ...done },
          () => `${done.created} orders recorded, ${done.unchanged} known and left as they were.`,
        )
      })
    })
}

/** Brings together who keeps orders and who keeps items: neither knows the other. */
export async function readOrders(
  ctx: DomainContext,
  input: {
    readonly bytes: Uint8Array
    readonly fileName: string
    readonly list: string | null
    readonly by: string
    readonly leaveOutUnsent?: boolean
  },
): Promise<ImportedOrders> {
  const lists = await findLists(ctx)
  const books = new Map<string, ItemBook>()
  const book = (id: string | null) => {
    const list = pickList(lists, id)
    const known = books.get(list.id) ?? toBook(ctx, list)
    books.set(list.id, known)
    return known
  }
  return importOrders(ctx, { ...input, list: input.list === null ? null : pickList(lists, input.list).id, book })
}

function toBook(ctx: DomainContext, { id, currency, timeZone }: ListView): ItemBook {
  let read: Promise<ItemRefs> | undefined
  const refs = () => {
    read ??= readItemRefs(ctx, id)
    return read
  }
  return {
    id,
    currency,
    timeZone,
    findItems: async (wanted) => {
      const { find } = await refs()
      return new Map(
        wanted.flatMap((ref) => {
          const item = find(ref)
          return item === undefined ? [] : [[ref, item] as const]
        }),
      )
    },
    suggestItem: async (ref) => (await refs()).suggest(ref),
  }
}

/** What was left out or has no item is never silent. */
export function warn(cli: Cli, { notes }: Pick<ImportedOrders, 'notes'>): void {
  for (const note of notes) cli.warn(plainText(note))
}
