import type { Command } from 'commander'
import { formatMoney } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { addOffer } from '../../purchasing/catalog/add-offer.js'
import { importCatalog } from '../../purchasing/catalog/import-catalog.js'
import { findPriceHistories, type OfferHistory, type PriceSeen } from '../../purchasing/catalog/price-history.js'
import { type FoundOffer, type FoundProduct, searchCatalog } from '../../purchasing/catalog/search-catalog.js'
import type { Cli } from '../cli.js'
import { readNamedFile } from '../read-file.js'
import { readCount, readQuantity } from '../read-option.js'
import { localTime, machineTimeZone } from '../terminal/local-time.js'
import { type Column, formatTable } from '../terminal/table.js'
import { describeCounts } from './items.js'

export function registerCatalog(program: Command, cli: Cli): void {
  const catalog = program
    .command('catalog')
    .description('What suppliers offer: import, search, add.')
    .addHelpText('after', '\nExample:\n  restock catalog search oat milk\n  restock catalog import catalog.csv')
  catalog
    .command('import')
    .description('Import offers from a CSV file, all rows or none; known ones are updated, by sku, gtin or name.')
    .argument('<file>', 'the CSV file; - reads stdin')
    .addHelpText('after', '\nExample:\n  restock catalog import catalog.csv')
    .action(async (path: string, _options: unknown, command: Command) => {
      const file = await readNamedFile(path, cli.io)
      await cli.withApp(command, async ({ ctx }) => {
        const counts = await cli.during(command, 'Importing offers…', () => importCatalog(ctx, file))
        cli.answer(command, { file: file.fileName, ...counts }, () => describeCounts('offers', counts))
      })
    })
  registerSearch(catalog, cli)
  registerHistory(catalog, cli)
  registerAdd(catalog, cli)
}

interface ShownOffer {
  readonly product: FoundProduct
  readonly offer: FoundOffer | null
}

const columns: readonly Column<ShownOffer>[] = [
  { title: 'product', value: ({ product }) => product.name, isFlexible: true },
  { title: 'product id', value: ({ product }) => product.productId, isDetail: true },
  { title: 'score', value: ({ product }) => product.score.toFixed(2), align: 'right', isDetail: true },
  { title: 'supplier', value: ({ offer }) => offer?.supplierId ?? null },
  { title: 'sku', value: ({ offer }) => offer?.sku ?? null, isDetail: true },
  {
    title: 'pack',
    value: ({ offer }) => (offer === null ? null : `${offer.packQuantity} ${offer.unit}`),
    align: 'right',
  },
  {
    title: 'price',
    value: ({ offer }) => (offer === null ? null : formatMoney(offer.packPriceMinor, offer.currency)),
    align: 'right',
  },
  { title: 'stock', value: ({ offer }) => offer?.stock ?? null, isDetail: true },
]

function registerSearch(catalog: Command, cli: Cli): void {
  catalog
    .command('search')
    .description('Search products by name, sku or gtin; each with its cheapest offers.')
    .argument('<text...>', 'what to look for')
    .option('--unit <unit>', 'prefer what is sold in this unit')
    .option('--limit <count>', 'how many products at most', '5')
    .addHelpText('after', '\nExample:\n  restock catalog search oat milk barista --unit l')
    .action(async (words: string[], options: { unit?: string; limit: string }, command: Command) => {
      const text = words.join(' ').trim()
      if (text === '') throw new InputError('Say what to look for, such as: restock catalog search oat milk.')
      const limit = readCount('--limit', options.limit, { min: 1, max: 10 })
      await cli.withApp(command, async ({ ctx }) => {
        const [result] = await searchCatalog(ctx, [{ text, unit: options.unit, limit }])
        const products = result?.products ?? []
        cli.answer(command, { query: text, products }, () =>
          products.length === 0
            ? `Nothing in the catalog is like "${text}".`
            : formatTable(products.flatMap(withOffers), columns, cli.io),
        )
      })
    })
}

function withOffers(product: FoundProduct): ShownOffer[] {
  if (product.offers.length === 0) return [{ product, offer: null }]
  return product.offers.map((offer) => ({ product, offer }))
}

interface ShownPrice {
  readonly offer: OfferHistory
  readonly price: PriceSeen
  readonly before: PriceSeen | undefined
}

const priceColumns: readonly Column<ShownPrice>[] = [
  { title: `since (${machineTimeZone})`, value: ({ price }) => localTime(price.seenAt) },
  { title: 'supplier', value: ({ offer }) => offer.supplierId },
  { title: 'sku', value: ({ offer }) => offer.sku, isDetail: true },
  {
    title: 'offer',
    value: ({ offer }) => (offer.isCurrent ? offer.name : `${offer.name} (not offered any more)`),
    isFlexible: true,
    isDetail: true,
  },
  { title: 'pack', value: ({ offer }) => `${offer.packQuantity} ${offer.unit}`, align: 'right' },
  { title: 'price', value: ({ price }) => formatMoney(price.packPriceMinor, price.currency), align: 'right' },
  { title: 'change', value: changeOf, align: 'right' },
  { title: 'from', value: ({ price }) => price.source, isDetail: true },
]

/** In percent, to one decimal; for reading, never for deciding. */
function changeOf({ price, before }: ShownPrice): string | null {
  if (before === undefined || before.currency !== price.currency || before.packPriceMinor === 0) return null
  const percent = ((price.packPriceMinor - before.packPriceMinor) / before.packPriceMinor) * 100
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`
}

function registerHistory(catalog: Command, cli: Cli): void {
  catalog
    .command('history')
    .description('Show what an offer has cost since we know it, one line for each change.')
    .argument('<offer>', "a supplier's sku, a gtin, a product id or an offer id")
    .addHelpText('after', '\nExample:\n  restock catalog history ND-OAT-6')
    .action(async (reference: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const offers = await findPriceHistories(ctx, reference)
        cli.answer(command, { offers }, () => {
          const rows = offers.flatMap((offer) =>
            offer.prices.map((price, at): ShownPrice => ({ offer, price, before: offer.prices[at - 1] })),
          )
          return formatTable(rows, priceColumns, cli.io)
        })
      })
    })
}

interface AddOptions {
  readonly supplier: string
  readonly unit: string
  readonly pack: string
  readonly price: string
  readonly sku?: string
  readonly gtin?: string
  readonly brand?: string
  readonly category?: string
  readonly stock?: string
  readonly minimumPacks?: string
  readonly break?: readonly string[]
}

function registerAdd(catalog: Command, cli: Cli): void {
  catalog
    .command('add')
    .description('Add one offer, or change the one with its sku, gtin or name.')
    .argument('<name>', 'as the supplier calls it')
    .requiredOption('--supplier <id>', 'who sells it; `restock suppliers list` shows their ids')
    .requiredOption('--unit <unit>', 'kg, l, pcs, …')
    .requiredOption('--pack <quantity>', 'how much of the unit is in one pack')
    .requiredOption('--price <amount>', "per pack, net, in the supplier's currency")
    .option('--sku <sku>', "the supplier's number for it")
    .option('--gtin <gtin>', 'the number under its bar code')
    .option('--brand <text>', 'whose product it is')
    .option('--category <text>', 'what kind of product it is')
    .option('--stock <packs>', 'what the supplier has')
    .option('--minimum-packs <packs>', 'least that one may buy')
    .option('--break <packs:price...>', 'a lower price per pack from so many packs on')
    .addHelpText(
      'after',
      '\nExample:\n  restock catalog add "Oat drink 6 x 1 l" --supplier north-dairy --unit l \\\n    --pack 6 --price 10.80 --break 10:9.90',
    )
    .action(async (name: string, options: AddOptions, command: Command) => {
      const packs = (flag: string, text: string | undefined) =>
        text === undefined ? undefined : readCount(flag, text, { min: 0, max: 1_000_000_000 })
      const offer = {
        name,
        supplierId: options.supplier,
        unit: options.unit,
        packQuantity: readQuantity('--pack', options.pack),
        price: options.price,
        sku: options.sku,
        gtin: options.gtin,
        brand: options.brand,
        category: options.category,
        stockPacks: packs('--stock', options.stock),
        minimumPacks: packs('--minimum-packs', options.minimumPacks),
        breaks: options.break?.map(readBreak),
      }
      await cli.withApp(command, async ({ ctx }) => {
        const { outcome } = await addOffer(ctx, offer)
        const said = {
          created: 'is in the catalog now',
          updated: 'is changed',
          unchanged: 'was there already, just like this',
        }
        cli.answer(command, { outcome }, () => `"${name}" ${said[outcome]}.`)
      })
    })
}

function readBreak(text: string): { packs: number; price: string } {
  const [packs, price, ...rest] = text.split(':')
  if (packs === undefined || price === undefined || rest.length > 0) {
    throw new InputError(`--break: "${text}" is not a price break; write packs and price, such as 10:9.90.`)
  }
  return { packs: readCount('--break', packs, { min: 2, max: 1_000_000 }), price }
}
