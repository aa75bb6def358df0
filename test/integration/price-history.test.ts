import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { findPriceHistories, priceHistory } from '../../src/purchasing/catalog/price-history.js'
import { buildOffer, buildSupplier, csvBytes } from '../helpers/purchasing-builders.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext
let cli: TestCli

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  cli = createTestCli({ env: { DATABASE_URL: database.url } })
  for (const id of ['north', 'south']) await buildSupplier(ctx, { id })
})
afterAll(async () => {
  cli?.remove()
  await database?.drop()
})
beforeEach(() => database.clock.advance(86_400_000))

const importAt = (price: string, more = '') => {
  database.clock.advance(3_600_000)
  const bytes = csvBytes(
    `supplier,sku,name,unit,pack_quantity,price,stock\nnorth,OAT,Oat drink,l,6,${price},5\n${more}`,
  )
  return importCatalog(ctx, { bytes, fileName: 'catalog.csv' })
}

const pricesOf = async (reference: string) =>
  (await findPriceHistories(ctx, reference)).map(({ supplierId, prices }) => [
    supplierId,
    ...prices.map(({ packPriceMinor, source }) => `${packPriceMinor} ${source}`),
  ])

describe('what an offer has cost', () => {
  it('is kept from the first price on, once for each change', async () => {
    await importAt('10.80')
    await importAt('10.80')
    await importAt('11.20')
    await buildOffer(ctx, {
      supplierId: 'north',
      name: 'Oat drink',
      sku: 'OAT',
      unit: 'l',
      packQuantity: 6,
      price: '9.90',
    })
    await buildOffer(ctx, {
      supplierId: 'north',
      name: 'Oat drink',
      sku: 'OAT',
      unit: 'l',
      packQuantity: 6,
      price: '9.90',
      stockPacks: 3,
    })
    await importAt('11.20')
    expect(await pricesOf('OAT')).toEqual([['north', '1080 import', '1120 import', '990 add', '1120 import']])
    const [offer] = await findPriceHistories(ctx, 'OAT')
    const prices = await priceHistory(ctx, { offerId: offer?.offerId ?? '' })
    expect(prices).toEqual(offer?.prices)
    const times = prices.map(({ seenAt }) => seenAt.getTime())
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('is not kept of an import that failed', async () => {
    const before = await pricesOf('OAT')
    await expect(importAt('7.77', 'north,NEW,Bad row,l,6,-1,\n')).rejects.toThrow('line 3')
    expect(await pricesOf('OAT')).toEqual(before)
  })

  it('is found for every supplier of a product, and nothing is made up for what is not there', async () => {
    const gtin = '4006381333931'
    for (const [supplierId, price] of [
      ['north', '2.00'],
      ['south', '1.90'],
    ] as const) {
      await buildOffer(ctx, { supplierId, name: 'Pen', sku: `pen-${supplierId}`, gtin, price })
    }
    expect(await pricesOf(gtin)).toEqual([
      ['north', '200 add'],
      ['south', '190 add'],
    ])
    await expect(findPriceHistories(ctx, 'nothing')).rejects.toThrow('There is no offer "nothing"')
    expect(await priceHistory(ctx, { offerId: 'off_nothing' })).toEqual([])
  })

  it('is shown on the command line', async () => {
    const { stdout } = await cli.run('catalog', 'history', 'OAT')
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^since \(\S+\) +supplier +sku +offer +pack +price +change +from/)
    expect(lines[1]).toMatch(/north +OAT +Oat drink +6 l +10\.80 EUR +.*import/)
    expect(lines[2]).toMatch(/11\.20 EUR +\+3\.7 % +import/)
    expect(lines[3]).toMatch(/9\.90 EUR +-11\.6 % +add/)
    const { offers } = (await cli.run('catalog', 'history', 'OAT', '--json')).json() as {
      offers: { prices: unknown[] }[]
    }
    expect(offers).toMatchObject([
      { supplierId: 'north', sku: 'OAT', packQuantity: 6, isCurrent: true, prices: { length: 4 } },
    ])
    expect(await cli.run('catalog', 'history', 'nothing')).toMatchObject({ exitCode: 2, stdout: '' })
  })
})
