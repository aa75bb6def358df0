import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { InputError } from '../../platform/errors.js'
import { confirmCount } from '../../stock/confirm-count.js'
import { exportItems } from '../../stock/export-items.js'
import { itemHistory, type PastMovement } from '../../stock/item-history.js'
import { undoMovement } from '../../stock/undo-movement.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readCount } from '../read-option.js'
import { localTime, machineTimeZone } from '../terminal/local-time.js'
import { type Column, formatTable } from '../terminal/table.js'

const columns: readonly Column<PastMovement>[] = [
  { title: 'movement', value: ({ movementId }) => movementId },
  { title: `when (${machineTimeZone})`, value: ({ at }) => localTime(at) },
  { title: 'what', value: ({ kind }) => kind },
  { title: 'change', value: ({ quantity }) => quantity },
  { title: 'counted', value: ({ counted }) => counted },
  { title: 'by', value: ({ actor }) => actor, isFlexible: true, isDetail: true },
  {
    title: 'cause',
    value: ({ cause, undoneBy }) => (undoneBy === null ? cause : `${cause} (undone by ${undoneBy})`),
    isFlexible: true,
    isDetail: true,
  },
]

export function registerHistory(items: Command, cli: Cli): void {
  items
    .command('history')
    .description("Show what happened to an item's stock, the newest first.")
    .argument('<item>', 'its id, sku, gtin or name')
    .option('--list <list>', 'needed when the item is on several lists')
    .option('--limit <count>', 'at most so many movements', '50')
    .addHelpText('after', '\nExample:\n  restock items history "Oat milk"')
    .action(async (item: string, options: { list?: string; limit: string }, command: Command) => {
      const limit = readCount('--limit', options.limit, { min: 1, max: 10_000 })
      await cli.withApp(command, async ({ ctx }) => {
        const history = await itemHistory(ctx, { item, list: options.list, limit })
        const { itemId, name, unit } = history.item
        cli.answer(command, { itemId, name, unit, movements: history.movements }, () =>
          history.movements.length === 0
            ? `Nothing is recorded of ${name} yet.`
            : formatTable(history.movements, columns, cli.io),
        )
      })
    })
}

export function registerUndo(items: Command, cli: Cli): void {
  items
    .command('undo')
    .description('Take a count, use, delivery or adjustment back, once; the record keeps both.')
    .argument('<movement>', 'its number; `restock items history` shows it')
    .addHelpText('after', '\nExample:\n  restock items undo 42')
    .action(async (movement: string, _options: object, command: Command) => {
      const movementId = readCount('movement', movement, { min: 1, max: Number.MAX_SAFE_INTEGER })
      await cli.withApp(command, async ({ ctx }) => {
        const undone = await undoMovement(ctx, { movementId, actor: actorName(cli.io.env) })
        if (undone.warning !== null) cli.warn(undone.warning)
        const { name, unit, onHand, before } = undone
        cli.answer(command, undone, () => `${name}: ${onHand} ${unit} on hand (before: ${before} ${unit}).`)
      })
    })
}

export function registerConfirmCount(items: Command, cli: Cli): void {
  items
    .command('confirm-count')
    .description('Say that a count or use that looks wrong is right, so that the item is bought again when it is due.')
    .argument('<item>', 'its id, sku, gtin or name')
    .option('--list <list>', 'needed when the item is on several lists')
    .addHelpText('after', '\nExample:\n  restock items confirm-count "Oat milk"')
    .action(async (item: string, options: { list?: string }, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const confirmed = await confirmCount(ctx, { item, list: options.list, actor: actorName(cli.io.env) })
        cli.answer(command, confirmed, () =>
          confirmed.doubt === null
            ? `Nothing about ${confirmed.name} is in doubt.`
            : `${confirmed.name} is as it was recorded, and is bought again when it is due.`,
        )
      })
    })
}

export function registerExport(items: Command, cli: Cli): void {
  items
    .command('export')
    .description('Write the items of a list as CSV, as `restock items import` reads it.')
    .argument('[file]', 'where to; stdout when left out')
    .option('--list <list>', 'not needed when there is only one')
    .option('--force', 'overwrite the file if it is there')
    .addHelpText('after', '\nExample:\n  restock items export items.csv --list cafe')
    .action(async (file: string | undefined, options: { list?: string; force?: boolean }, command: Command) => {
      const path = file === undefined || file === '-' ? null : resolve(cli.io.cwd, file)
      if (path !== null && options.force !== true && existsSync(path)) {
        throw new InputError(`${file} is there already; name another file, or add --force to overwrite it.`)
      }
      await cli.withApp(command, async ({ ctx }) => {
        const csv = await cli.during(command, 'Exporting items…', () => exportItems(ctx, { list: options.list }))
        if (path === null) return cli.answer(command, { csv }, () => csv)
        await writeFile(path, csv)
        cli.answer(command, { file: path }, () => `Wrote ${path}.`)
      })
    })
}
