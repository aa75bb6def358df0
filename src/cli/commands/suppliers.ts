import type { Command } from 'commander'
import { formatMoney } from '../../platform/decimal.js'
import { addSupplier } from '../../purchasing/catalog/add-supplier.js'
import { findSuppliers, type Supplier } from '../../purchasing/catalog/find-suppliers.js'
import { importSuppliers } from '../../purchasing/catalog/import-suppliers.js'
import { channels } from '../../purchasing/catalog/supplier-terms.js'
import type { Cli } from '../cli.js'
import { readNamedFile } from '../read-file.js'
import { choiceOption, readChoice, readCount } from '../read-option.js'
import { type Column, formatTable } from '../terminal/table.js'
import { describeCounts } from './items.js'

export function registerSuppliers(program: Command, cli: Cli): void {
  const suppliers = program
    .command('suppliers')
    .description('Who sells: import, list, add.')
    .addHelpText('after', '\nExample:\n  restock suppliers list\n  restock suppliers import suppliers.csv')
  suppliers
    .command('import')
    .description('Import suppliers from a CSV file, all rows or none; known ids are updated.')
    .argument('<file>', 'the CSV file; - reads stdin')
    .addHelpText('after', '\nExample:\n  restock suppliers import suppliers.csv')
    .action(async (path: string, _options: unknown, command: Command) => {
      const file = await readNamedFile(path, cli.io)
      await cli.withApp(command, async ({ ctx }) => {
        const counts = await cli.during(command, 'Importing suppliers…', () => importSuppliers(ctx, file))
        cli.answer(command, { file: file.fileName, ...counts }, () => describeCounts('suppliers', counts))
      })
    })
  suppliers
    .command('list')
    .description('List suppliers and their terms.')
    .addHelpText('after', '\nExample:\n  restock suppliers list')
    .action(async (_options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const found = await findSuppliers(ctx)
        cli.answer(command, { suppliers: found }, () =>
          found.length === 0
            ? 'There are no suppliers yet; `restock suppliers import` brings them in.'
            : formatTable(found, columns, cli.io),
        )
      })
    })
  registerAdd(suppliers, cli)
}

const columns: readonly Column<Supplier>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name, isFlexible: true },
  { title: 'channel', value: ({ channel }) => channel },
  { title: 'offers', value: ({ offerCount }) => offerCount, isDetail: true },
  { title: 'lead time', value: ({ leadTimeDays }) => `${leadTimeDays} d`, align: 'right' },
  {
    title: 'shipping',
    value: (supplier) => formatMoney(supplier.shippingFeeMinor, supplier.currency),
    align: 'right',
    isDetail: true,
  },
  {
    title: 'free over',
    value: ({ freeShippingOverMinor, currency }) =>
      freeShippingOverMinor === null ? null : formatMoney(freeShippingOverMinor, currency),
    align: 'right',
    isDetail: true,
  },
  { title: 'minimum', value: (supplier) => formatMoney(supplier.minimumOrderMinor, supplier.currency), align: 'right' },
  { title: 'tax', value: ({ taxRate }) => `${Number((taxRate * 100).toFixed(3))} %`, align: 'right', isDetail: true },
]

interface AddOptions {
  readonly name: string
  readonly currency: string
  readonly channel?: string
  readonly taxRate?: string
  readonly shippingFee?: string
  readonly freeShippingOver?: string
  readonly minimumOrder?: string
  readonly leadTimeDays?: string
  readonly url?: string
  readonly email?: string
}

function registerAdd(suppliers: Command, cli: Cli): void {
  suppliers
    .command('add')
    .description('Add one supplier. Known ones are changed by an import, or on their page.')
    .argument('<id>', 'lower-case letters, digits, - and _')
    .requiredOption('--name <name>', 'what it is called')
    .requiredOption('--currency <code>', 'of its prices, such as EUR')
    .addOption(choiceOption('--channel <channel>', 'how orders get there; manual: they wait for a person', channels))
    .option('--tax-rate <fraction>', '0.19 is 19 % (0)')
    .option('--shipping-fee <amount>', 'per order (0)')
    .option('--free-shipping-over <amount>', 'from this subtotal on shipping is free')
    .option('--minimum-order <amount>', 'least subtotal of an order (0)')
    .option('--lead-time-days <days>', 'from order to delivery (1)')
    .option('--url <url>', 'where the http channel sends orders')
    .option('--email <address>', 'where the email channel sends orders')
    .addHelpText(
      'after',
      '\nExample:\n  restock suppliers add north-dairy --name "North Dairy" --currency EUR \\\n    --tax-rate 0.07 --lead-time-days 2',
    )
    .action(async (id: string, options: AddOptions, command: Command) => {
      const { channel, leadTimeDays, currency, ...terms } = options
      const supplier = {
        id,
        ...terms,
        currency: currency.toUpperCase(),
        ...(channel === undefined ? {} : { channel: readChoice('--channel', channel, channels) }),
        ...(leadTimeDays === undefined
          ? {}
          : { leadTimeDays: readCount('--lead-time-days', leadTimeDays, { min: 0, max: 365 }) }),
      }
      await cli.withApp(command, async ({ ctx }) => {
        await addSupplier(ctx, supplier)
        cli.answer(
          command,
          { id },
          () => `${options.name} (${id}) is a supplier now; \`restock catalog\` gives it offers.`,
        )
      })
    })
}
