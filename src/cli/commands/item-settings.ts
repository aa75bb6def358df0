import type { Command } from 'commander'
import { addItem } from '../../stock/add-item.js'
import type { ItemInput } from '../../stock/item-settings.js'
import { updateItem } from '../../stock/update-item.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { choiceOption, readChoice, readOptionalQuantity } from '../read-option.js'

interface SettingOptions {
  readonly unit?: string
  readonly dailyUse?: string
  readonly every?: string
  readonly reorder?: string
  readonly reorderPoint?: string
  readonly orderUpTo?: string
  readonly reorderQuantity?: string
  readonly orderMultiple?: string
  readonly minimumQuantity?: string
  readonly overMax?: string
  readonly leadTimeDays?: string
  readonly serviceLevel?: string
  readonly maxUnitPrice?: string
  readonly substitutes?: string
  readonly sku?: string
  readonly gtin?: string
  readonly category?: string
  readonly notes?: string
}

const reorders = ['fixed', 'auto'] as const
const overMaxRules = ['allow', 'round_down', 'hold'] as const

/** The options that say how an item is kept, the same wherever they are given. */
function withSettings(command: Command): Command {
  return command
    .option('--reorder-point <quantity>', 'order when no more than this is there or on its way')
    .option('--order-up-to <quantity>', 'the level to order up to')
    .addOption(choiceOption('--reorder <how>', 'auto: both levels follow from what goes; fixed: as stated', reorders))
    .option('--daily-use <quantity>', 'what goes in a day when nobody counts')
    .option('--every <interval>', 'a standing need: order up to the level each 3d, 2w or 1m, whatever is counted')
    .option('--reorder-quantity <quantity>', 'order at least this much at a time')
    .option('--order-multiple <quantity>', 'needs are rounded up to a multiple of this')
    .option('--minimum-quantity <quantity>', 'never order less')
    .addOption(choiceOption('--over-max <rule>', 'when a multiple would pass the level', overMaxRules))
    .option('--lead-time-days <days>', 'from order to delivery; for --reorder auto')
    .option('--service-level <share>', 'how often a lead time should end without running out, such as 0.95')
    .option('--max-unit-price <amount>', 'most that one unit may cost')
    .option('--substitutes <codes>', 'what may be bought in its place, best first: "sku:OM-2 | gtin:4006381333931"')
    .option('--sku <sku>', "the supplier's number for it")
    .option('--gtin <gtin>', 'the number under its bar code')
    .option('--category <text>', 'groups items in listings')
    .option('--notes <text>', 'what whoever buys it should know')
}

function readSettings(options: SettingOptions): ItemInput {
  const { reorder, overMax } = options
  return {
    unit: options.unit,
    dailyUse: readOptionalQuantity('--daily-use', options.dailyUse),
    every: options.every,
    reorder: reorder === undefined ? undefined : readChoice('--reorder', reorder, reorders),
    reorderPoint: readOptionalQuantity('--reorder-point', options.reorderPoint),
    orderUpTo: readOptionalQuantity('--order-up-to', options.orderUpTo),
    reorderQuantity: readOptionalQuantity('--reorder-quantity', options.reorderQuantity),
    orderMultiple: readOptionalQuantity('--order-multiple', options.orderMultiple),
    minimumQuantity: readOptionalQuantity('--minimum-quantity', options.minimumQuantity),
    overMax: overMax === undefined ? undefined : readChoice('--over-max', overMax, overMaxRules),
    leadTimeDays: readOptionalQuantity('--lead-time-days', options.leadTimeDays),
    serviceLevel: readOptionalQuantity('--service-level', options.serviceLevel),
    maxUnitPrice: options.maxUnitPrice,
    substitutes: options.substitutes,
    sku: options.sku,
    gtin: options.gtin,
    category: options.category,
    notes: options.notes,
  }
}

interface AddOptions extends SettingOptions {
  readonly unit: string
  readonly list?: string
  readonly onHand?: string
}

export function registerAdd(items: Command, cli: Cli): void {
  withSettings(
    items
      .command('add')
      .description('Add one item to a list.')
      .argument('<name>', 'what it is called')
      .requiredOption('--unit <unit>', 'in what it is counted: kg, l, pcs, …')
      .option('--list <list>', 'not needed when there is only one')
      .option('--on-hand <quantity>', 'what is there now (0)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  restock items add "Oat milk" --unit l --on-hand 8 \\\n    --reorder-point 10 --order-up-to 40 --order-multiple 6',
    )
    .action(async (name: string, options: AddOptions, command: Command) => {
      const item = {
        ...readSettings(options),
        name,
        unit: options.unit,
        list: options.list,
        onHand: readOptionalQuantity('--on-hand', options.onHand),
      }
      await cli.withApp(command, async ({ ctx }) => {
        const added = await addItem(ctx, { ...item, actor: actorName(cli.io.env) })
        cli.answer(command, added, () => `"${name}" is on list ${added.list} (${added.itemId}).`)
      })
    })
}

interface UpdateOptions extends SettingOptions {
  readonly list?: string
  readonly name?: string
  readonly requested?: string
  readonly neededBy?: string
  readonly clear?: readonly string[]
}

const clearable = {
  'daily-use': 'dailyUse',
  every: 'every',
  reorder: 'reorder',
  'reorder-point': 'reorderPoint',
  'order-up-to': 'orderUpTo',
  'reorder-quantity': 'reorderQuantity',
  'order-multiple': 'orderMultiple',
  'minimum-quantity': 'minimumQuantity',
  'over-max': 'overMax',
  'lead-time-days': 'leadTimeDays',
  'service-level': 'serviceLevel',
  'max-unit-price': 'maxUnitPrice',
  substitutes: 'substitutes',
  sku: 'sku',
  gtin: 'gtin',
  category: 'category',
  notes: 'notes',
  'needed-by': 'neededBy',
} as const satisfies Record<string, keyof ItemInput>

export function registerUpdate(items: Command, cli: Cli): void {
  withSettings(
    items
      .command('update')
      .description('Change how an item is kept: what is given is set, the rest stays.')
      .argument('<item>', 'its id, sku, gtin or name')
      .option('--list <list>', 'needed when the item is on several lists')
      .option('--name <name>', 'a new name')
      .option('--unit <unit>', 'in what it is counted')
      .option('--requested <quantity>', 'of a one-off request: how much in all')
      .option('--needed-by <date>', 'of a one-off request: the last day on which it may come'),
  )
    .option('--clear <settings...>', 'set nothing any more for these, such as: --clear daily-use notes')
    .addHelpText('after', '\nExample:\n  restock items update "Oat milk" --reorder auto --lead-time-days 3')
    .action(async (item: string, options: UpdateOptions, command: Command) => {
      const names = Object.keys(clearable) as (keyof typeof clearable)[]
      const cleared = (options.clear ?? []).map((name) => clearable[readChoice('--clear', name, names)])
      const changes: ItemInput = {
        ...readSettings(options),
        name: options.name,
        requestedQuantity: readOptionalQuantity('--requested', options.requested),
        neededBy: options.neededBy,
        ...Object.fromEntries(cleared.map((name) => [name, null])),
      }
      await cli.withApp(command, async ({ ctx }) => {
        const changed = await updateItem(ctx, { item, list: options.list, changes, actor: actorName(cli.io.env) })
        cli.answer(command, changed, () =>
          changed.changed.length === 0
            ? `${item} is like that already.`
            : `${item}: changed ${changed.changed.join(', ')}.`,
        )
      })
    })
}
