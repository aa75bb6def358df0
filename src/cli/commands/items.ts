import type { Command } from 'commander'
import { InputError } from '../../platform/errors.js'
import { requireProduct } from '../../purchasing/catalog/require-product.js'
import { countStock, type StockChanged } from '../../stock/count-stock.js'
import { importItems } from '../../stock/import-items.js'
import type { ItemView } from '../../stock/item-view.js'
import { confirmLink } from '../../stock/link-product.js'
import { listItems } from '../../stock/list-items.js'
import { requireList } from '../../stock/lists.js'
import { recordUse } from '../../stock/record-use.js'
import { snoozeItem, wakeItem } from '../../stock/snooze-item.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readNamedFile } from '../read-file.js'
import { readCount, readQuantity } from '../read-option.js'
import { zonedTime } from '../terminal/local-time.js'
import { type Column, formatTable } from '../terminal/table.js'
import { registerConfirmCount, registerExport, registerHistory, registerUndo } from './item-history.js'
import { registerAdd, registerUpdate } from './item-settings.js'
import { registerRequest } from './request-item.js'

export function registerItems(program: Command, cli: Cli): void {
  const items = program
    .command('items')
    .description('What must not run out: import, export, list, add, update, count.')
    .addHelpText('after', '\nExample:\n  restock items list --due\n  restock items count "Oat milk" 12')
  registerImport(items, cli)
  registerExport(items, cli)
  registerList(items, cli)
  registerAdd(items, cli)
  registerRequest(items, cli)
  registerUpdate(items, cli)
  registerChange(items, cli, {
    name: 'count',
    description: 'Say how much of an item is there: what you counted replaces what was believed.',
    example: 'restock items count "Oat milk" 12',
    change: countStock,
  })
  registerChange(items, cli, {
    name: 'use',
    description: 'Say that some of an item was used, on top of its daily use.',
    example: 'restock items use "Oat milk" 3 --note "birthday party"',
    change: recordUse,
  })
  registerHistory(items, cli)
  registerUndo(items, cli)
  registerConfirmCount(items, cli)
  registerSnooze(items, cli)
  registerConfirmLink(items, cli)
}

function registerImport(items: Command, cli: Cli): void {
  items
    .command('import')
    .description('Import items from a CSV file, all rows or none; known ones are updated, by sku, gtin or name.')
    .argument('<file>', 'the CSV file; - reads stdin')
    .option('--list <list>', 'the list for rows that name none')
    .addHelpText('after', '\nExample:\n  restock items import items.csv --list cafe')
    .action(async (path: string, options: { list?: string }, command: Command) => {
      const file = await readNamedFile(path, cli.io)
      await cli.withApp(command, async ({ ctx }) => {
        const items = { ...file, list: options.list, actor: actorName(cli.io.env) }
        const counts = await cli.during(command, 'Importing items…', () => importItems(ctx, items))
        cli.answer(command, { file: file.fileName, ...counts }, () => describeCounts('items', counts))
      })
    })
}

/** What an import did, for all that can be imported. */
export function describeCounts(
  what: string,
  counts: { readonly created: number; readonly updated: number; readonly unchanged: number },
): string {
  return `${counts.created} ${what} added, ${counts.updated} changed, ${counts.unchanged} left as they were.`
}

const columns: readonly Column<ItemView>[] = [
  { title: 'item', value: ({ name }) => name, isFlexible: true },
  { title: 'on hand', value: ({ onHand }) => onHand },
  { title: 'on order', value: ({ onOrder }) => onOrder },
  { title: 'reorder at', value: ({ reorderPoint }) => reorderPoint },
  { title: 'up to', value: ({ orderUpTo }) => orderUpTo },
  { title: 'need', value: ({ due, need }) => (due ? need : null), role: () => 'warn' },
  { title: 'unit', value: ({ unit }) => unit },
  { title: 'days left', value: ({ daysLeft }) => daysLeft },
  { title: 'id', value: ({ itemId }) => itemId, isDetail: true },
  { title: 'use', value: ({ useBasis }) => useBasis, isFlexible: true, isDetail: true },
  {
    title: 'note',
    value: remark,
    isFlexible: true,
    isDetail: true,
    role: ({ snoozedUntil, attention }) => (snoozedUntil === null && attention !== null ? 'bad' : null),
  },
]

function remark(item: ItemView): string | null {
  if (item.snoozedUntil !== null) return `snoozed until ${zonedTime(item.snoozedUntil)}: ${item.snoozeReason ?? ''}`
  if (item.attention !== null) return item.attention
  if (item.every !== null) return `every ${item.every}`
  if (item.kind !== 'one_off') return null
  return item.neededBy === null ? 'requested once' : `requested once, needed by ${item.neededBy}`
}

function registerList(items: Command, cli: Cli): void {
  items
    .command('list')
    .description('List the items of a list, with what is there, what is coming and what to buy now.')
    .option('--list <list>', 'not needed when there is only one')
    .option('--due', 'only what is to be bought now')
    .addHelpText('after', '\nExample:\n  restock items list --list cafe --due')
    .action(async (options: { list?: string; due?: boolean }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const list = await requireList(ctx, options.list)
        const found = await listItems(ctx, { list: list.id, filter: options.due === true ? 'due' : 'all' })
        const none =
          options.due === true ? 'Nothing is due.' : 'There are no items yet; `restock items import` brings them in.'
        cli.answer(command, { list: list.id, items: found }, () =>
          found.length === 0 ? none : formatTable(found, columns, cli.io),
        )
      })
    })
}

interface ChangeCommand {
  readonly name: string
  readonly description: string
  readonly example: string
  readonly change: typeof countStock
}

/** Counting and using differ in what they do, not in how they are said. */
function registerChange(items: Command, cli: Cli, { name, description, example, change }: ChangeCommand): void {
  items
    .command(name)
    .description(description)
    .argument('<item>', 'its id, sku, gtin or name')
    .argument('<quantity>', "in the item's unit")
    .option('--list <list>', 'needed when the item is on several lists')
    .option('--note <text>', 'kept with the record')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async (item: string, quantity: string, options: { list?: string; note?: string }, command: Command) => {
      const input = { item, quantity: readQuantity('quantity', quantity), list: options.list, note: options.note }
      await cli.withApp(command, async ({ ctx }) => {
        const changed: StockChanged = await change(ctx, { ...input, actor: actorName(cli.io.env) })
        if (changed.doubt !== null)
          cli.warn(`${changed.doubt} Until then it is not bought. ${mendDoubt(changed.itemId)}`)
        cli.answer(
          command,
          changed,
          () =>
            `${changed.name}: ${changed.onHand} ${changed.unit} on hand (before: ${changed.before} ${changed.unit}).`,
        )
      })
    })
}

/** The commands that end a doubt, whose own text is for every face. */
function mendDoubt(itemId: string): string {
  return `If it is right: restock items confirm-count ${itemId}. To undo it: restock items history ${itemId}`
}

interface SnoozeOptions {
  readonly list?: string
  readonly days?: string
  readonly reason: string
  readonly end?: boolean
}

function registerSnooze(items: Command, cli: Cli): void {
  items
    .command('snooze')
    .description('Keep an item from being ordered for some days.')
    .argument('<item>', 'its id, sku, gtin or name')
    .option('--days <days>', 'how long')
    .option('--reason <text>', 'kept with the record', 'not needed for now')
    .option('--end', 'end the snooze that there is')
    .option('--list <list>', 'needed when the item is on several lists')
    .addHelpText('after', '\nExample:\n  restock items snooze "Oat milk" --days 14 --reason "closed for holidays"')
    .action(async (item: string, options: SnoozeOptions, command: Command) => {
      if ((options.days === undefined) === (options.end !== true)) {
        throw new InputError('Say how long with --days, or end the snooze with --end.')
      }
      const days = options.days === undefined ? null : readCount('--days', options.days, { min: 1, max: 366 })
      await cli.withApp(command, async ({ ctx }) => {
        if (days === null) {
          const { itemId } = await wakeItem(ctx, { item, list: options.list })
          cli.answer(command, { itemId, snoozedUntil: null }, () => `${item} is ordered again when it is due.`)
          return
        }
        const snoozed = await snoozeItem(ctx, { item, days, list: options.list, reason: options.reason })
        cli.answer(command, snoozed, () => `${item} is not ordered before ${zonedTime(snoozed.snoozedUntil)}.`)
      })
    })
}

function registerConfirmLink(items: Command, cli: Cli): void {
  items
    .command('confirm-link')
    .description('Confirm which product of the catalog an item is, for all runs to come.')
    .argument('<item>', 'its id, sku, gtin or name')
    .argument('<product>', 'id of the product; `restock catalog search` shows it')
    .option('--list <list>', 'needed when the item is on several lists')
    .addHelpText('after', '\nExample:\n  restock items confirm-link "Oat milk" prd_4k2v8x')
    .action(async (item: string, product: string, options: { list?: string }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const { id: productId, name } = await requireProduct(ctx, product)
        const input = { itemId: item, productId, list: options.list, actor: actorName(cli.io.env) }
        const link = await confirmLink(ctx, input)
        cli.answer(command, link, () => `${item} is "${name}" (${link.productId}) from now on.`)
      })
    })
}
