import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addList } from '../../src/stock/lists.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let cli: TestCli

beforeAll(async () => {
  database = await createTestDatabase()
  cli = createTestCli({ env: { DATABASE_URL: database.url } })
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  cli?.remove()
  await database?.drop()
})

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(cli.cwd, name), content)
  return name
}

async function refused(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cli.run(...args)
  expect([stdout, exitCode]).toEqual(['', 2])
  expect(stderr).toMatch(/^restock: .*\n$/)
  expect(stderr).not.toMatch(/\n {4}at /)
  return stderr
}

describe('suppliers', () => {
  it('are imported and listed', async () => {
    const csv = file(
      'suppliers.csv',
      'id;name;channel;currency;tax_rate;shipping_fee;lead_time_days\nnorth;Nörd Dairy;simulated;EUR;0,07;6,50;2\n',
    )
    const imported = await cli.run('suppliers', 'import', csv)
    expect(imported).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: '1 suppliers added, 0 changed, 0 left as they were.\n',
    })
    expect((await cli.run('suppliers', 'import', csv, '--json')).json()).toEqual({
      file: 'suppliers.csv',
      created: 0,
      updated: 0,
      unchanged: 1,
    })
    const listed = await cli.run('suppliers', 'list')
    expect(listed.stdout).toMatch(
      /^id +name +channel .*\nnorth +Nörd Dairy +simulated +0 +2 d +6.50 EUR +0.00 EUR +7 %\n$/,
    )
  })

  it('are added one by one', async () => {
    const added = await cli.run(
      'suppliers',
      'add',
      'cups',
      '--name',
      'Cup & Co',
      '--currency',
      'eur',
      '--lead-time-days',
      '4',
    )
    expect(added).toMatchObject({ exitCode: 0, stderr: '' })
    const { suppliers } = (await cli.run('suppliers', 'list', '--json')).json()
    expect(suppliers).toMatchObject([
      { id: 'cups', currency: 'EUR', leadTimeDays: 4, channel: 'manual' },
      { id: 'north' },
    ])
    expect(await refused('suppliers', 'add', 'cups', '--name', 'Again', '--currency', 'EUR')).toContain('already')
    expect(await refused('suppliers', 'add', 'x', '--name', 'X', '--currency', 'EUR', '--channel', 'fax')).toContain(
      '--channel: "fax" is not possible; write one of simulated, http, email, manual',
    )
    expect(
      await refused('suppliers', 'add', 'x', '--name', 'X', '--currency', 'EUR', '--lead-time-days', 'two'),
    ).toContain('--lead-time-days: "two" is not a number')
  })
})

describe('the catalog', () => {
  it('is imported, extended and searched', async () => {
    const csv = file(
      'catalog.csv',
      'supplier,sku,name,unit,pack_quantity,price,stock\nnorth,ND-1,Oat drink barista 6 x 1 l,l,6,10.80,40\nnorth,ND-2,Whole milk 10 l,l,10,9.90,\n',
    )
    expect((await cli.run('catalog', 'import', csv)).stdout).toBe('2 offers added, 0 changed, 0 left as they were.\n')
    const added = await cli.run(
      ...[
        'catalog',
        'add',
        'Oat drink barista 1 l',
        '--supplier',
        'cups',
        '--unit',
        'l',
        '--pack',
        '1',
        '--price',
        '2.10',
      ],
      ...['--break', '10:1.90', '50:1.70', '--json'],
    )
    expect(added).toMatchObject({ exitCode: 0, stderr: '' })
    expect(added.json()).toEqual({ outcome: 'created' })

    const found = await cli.run('catalog', 'search', 'oat', 'drink', '--json')
    const { products } = found.json() as { products: { productId: string; offers: object[] }[] }
    expect(products.flatMap(({ offers }) => offers)).toContainEqual(
      expect.objectContaining({ supplierId: 'north', sku: 'ND-1', packQuantity: 6, packPriceMinor: 1080, stock: 40 }),
    )
    const shown = await cli.run('catalog', 'search', 'oat', 'drink')
    expect(shown.stdout).toContain('10.80 EUR')
    expect(shown.stdout).toContain(products[0]?.productId)
    expect((await cli.run('catalog', 'search', 'zeppelin')).stdout).toBe('Nothing in the catalog is like "zeppelin".\n')
  })

  it('refuses what it can not read', async () => {
    const add = ['catalog', 'add', 'Tea', '--supplier', 'north', '--unit', 'g', '--price', '1']
    expect(await refused(...add, '--pack', 'many')).toContain('--pack: "many" is not a number')
    expect(await refused(...add, '--pack', '1', '--break', '10')).toContain('--break: "10" is not a price break')
    expect(await refused('catalog', 'search', 'tea', '--limit', '99')).toContain('--limit: "99" is too large')
  })
})

describe('items', () => {
  it('are imported, with a BOM and semicolons, and listed', async () => {
    const csv = file(
      'items.csv',
      '\ufeffname;unit;on_hand;reorder_point;order_up_to;order_multiple;minimum_quantity;notes\nOat milk;l;8;10;40;6;12;<b>not</b>\nCups;pcs;1500,5;100;200;;;\n',
    )
    const imported = await cli.run('items', 'import', csv, '--list', 'cafe')
    expect(imported).toMatchObject({ exitCode: 0, stdout: '2 items added, 0 changed, 0 left as they were.\n' })

    const due = await cli.run('items', 'list', '--due', '--json')
    expect(due.json()).toMatchObject({ list: 'cafe', items: [{ name: 'Oat milk', onHand: 8, need: 36, unit: 'l' }] })
    const all = await cli.run('items', 'list')
    const lines = all.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toMatch(/^Cups +1500.5 +0 +100 +200 +pcs +itm_\w+$/)
    expect(lines[2]).toMatch(/^Oat milk +8 +0 +10 +40 +36 +l +itm_\w+$/)
  })

  it('are added, counted, used and snoozed', async () => {
    const added = await cli.run(
      ...[
        'items',
        'add',
        'Sugar',
        '--unit',
        'kg',
        '--on-hand',
        '1',
        '--reorder-point',
        '2',
        '--order-up-to',
        '5',
        '--json',
      ],
    )
    expect(added.json()).toMatchObject({ list: 'cafe', itemId: expect.stringMatching(/^itm_/) })
    expect((await cli.run('items', 'count', 'sugar', '4.5')).stdout).toBe('Sugar: 4.5 kg on hand (before: 1 kg).\n')
    expect((await cli.run('items', 'use', 'Sugar', '3', '--note', 'jam', '--json')).json()).toMatchObject({
      onHand: 1.5,
    })

    const names = async () => {
      const { items } = (await cli.run('items', 'list', '--due', '--json')).json() as { items: { name: string }[] }
      return items.map(({ name }) => name)
    }
    expect(await names()).toContain('Sugar')
    expect((await cli.run('items', 'snooze', 'Sugar', '--days', '14')).exitCode).toBe(0)
    expect(await names()).not.toContain('Sugar')
    expect((await cli.run('items', 'list')).stdout).toMatch(/Sugar .* snoozed until 20/)
    await cli.run('items', 'snooze', 'Sugar', '--end')
    expect(await names()).toContain('Sugar')
  })

  it('are linked to a product by a person', async () => {
    const { id: productId } = await database.db
      .selectFrom('purchasing.products')
      .select('id')
      .orderBy('id')
      .limit(1)
      .executeTakeFirstOrThrow()
    const link = await cli.run('items', 'confirm-link', 'Oat milk', productId, '--json')
    expect(link.json()).toMatchObject({ productId, status: 'confirmed' })
    const nope = await cli.run('items', 'confirm-link', 'Oat milk', 'prd_nope')
    expect(nope).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('There is no product "prd_nope"') })
    const { items } = (await cli.run('items', 'list', '--json')).json() as {
      items: { name: string; links: object[] }[]
    }
    expect(items.find(({ name }) => name === 'Oat milk')?.links).toMatchObject([{ productId, status: 'confirmed' }])
  })

  it.each([
    ['an unknown column', 'name,unit,quantitty\nTea,g,1\n', /items-bad.csv.*quantitty/],
    ['a bad number', 'name,unit,on_hand\nTea,g,some\n', /items-bad.csv, line 2, column on_hand/],
    ['negative stock', 'name,unit,on_hand\nTea,g,1\nSalt,g,-3\n', /items-bad.csv, line 3, column on_hand/],
    ['a missing header', 'Tea,g,1\n', /items-bad.csv.*(unknown|column)/],
    ['an unknown list', 'name,unit,list\nTea,g,coffe\n', /items-bad.csv, line 2, column list/],
    [
      'another encoding',
      new Uint8Array([0x6e, 0x61, 0x6d, 0x65, 0x0a, 0x43, 0x61, 0x66, 0xe9]),
      /items-bad.csv.*UTF-8/,
    ],
    ['nothing', '', /items-bad.csv is empty/],
  ])('are not imported from a file with %s', async (_what, content, message) => {
    const before = (await cli.run('items', 'list', '--json')).stdout
    expect(await refused('items', 'import', file('items-bad.csv', content))).toMatch(message)
    expect((await cli.run('items', 'list', '--json')).stdout).toBe(before)
  })

  it('refuses what makes no sense, in one sentence', async () => {
    expect(await refused('items', 'import', 'nowhere.csv')).toContain('There is no file nowhere.csv')
    expect(await refused('items', 'import', '.')).toContain('is a folder')
    expect(await refused('items', 'list', '--list', 'caffe')).toMatch(/no list "caffe".*cafe/)
    expect(await refused('items', 'count', 'Oat milk', 'lots')).toContain('quantity: "lots" is not a number')
    expect(await refused('items', 'count', 'Oat milk', '-1')).toMatch(/quantity.*-1/)
    expect(await refused('items', 'use', 'Nectar', '1')).toContain('no item "Nectar"')
    expect(await refused('items', 'snooze', 'Sugar')).toContain('--days')
    expect(await refused('items', 'add', 'Tea', '--unit', 'g', '--reorder-point', '9', '--order-up-to', '3')).toContain(
      'reorder_point',
    )
  })

  it('needs what it needs', async () => {
    const { exitCode, stderr } = await cli.run('items', 'add', 'Tea')
    expect(exitCode).toBe(2)
    expect(stderr).toContain("required option '--unit <unit>' not specified")
  })
})

describe('limits', () => {
  it('are set and shown with what is left', async () => {
    expect((await cli.run('limits', 'set', 'per_month', '2500')).stdout).toBe('per_month of cafe is 2500.00 EUR now.\n')
    expect((await cli.run('limits', 'set', 'orders_per_day', '3')).exitCode).toBe(0)
    const shown = await cli.run('limits', 'show')
    expect(shown.stdout).toMatch(/per_month +2500.00 EUR +0.00 EUR +2500.00 EUR/)
    expect(shown.stdout).toMatch(/orders_per_day +3 +0 +3/)
    expect((await cli.run('limits', 'set', 'per_month', 'none', '--json')).json()).toMatchObject({ list: 'cafe' })
    expect((await cli.run('limits', 'show')).stdout).not.toContain('per_month')
  })

  it('pause all buying', async () => {
    await cli.run('limits', 'set', 'paused', 'true')
    expect((await cli.run('limits', 'show')).stdout).toContain('PAUSED')
    await cli.run('limits', 'set', 'paused', 'false')
    expect((await cli.run('limits', 'show', '--json')).json()).toMatchObject({ paused: false })
  })

  it('pause and resume all lists at once, and doctor says so', async () => {
    const set = (...args: string[]) => cli.run('limits', 'set', ...args)
    expect((await set('--all', 'paused', 'true')).stdout).toContain('PAUSED for every list')
    expect((await cli.run('limits', 'show')).stdout).toMatch(/PAUSED for every list since \d{4}-/)
    expect((await cli.run('limits', 'show', '--json')).json()).toMatchObject({
      paused: true,
      pausedForAllSince: expect.any(String),
    })
    const { checks } = (await cli.run('doctor', '--json')).json() as { checks: { name: string; detail: string }[] }
    expect(checks.find(({ name }) => name === 'buying')?.detail).toMatch(
      /^PAUSED for every list, by tester since .*restock limits set --all paused false$/,
    )
    expect((await set('--list', '*', 'paused', 'false', '--json')).json()).toEqual({
      list: '*',
      paused: false,
      pausedForAllSince: null,
    })
    expect((await cli.run('limits', 'show')).stdout).not.toContain('PAUSED')
    expect(await refused('limits', 'set', '--all', 'per_month', '5')).toContain('only paused can be set for every list')
    expect(await refused('limits', 'set', '--all', 'paused', 'maybe')).toContain('true or false')
  })

  it('that name a supplier who isn’t there are a problem to doctor, who guesses the one meant', async () => {
    await cli.run('limits', 'set', 'allowed_suppliers', 'north,nort,elsewhere')
    const { json, exitCode } = await cli.run('doctor', '--json')
    const { checks } = json() as { checks: { name: string; ok: boolean; detail: string }[] }
    expect(exitCode).toBe(1)
    expect(checks.find(({ name }) => name === 'limits')).toMatchObject({
      ok: false,
      detail:
        'there are no such suppliers: allowed_suppliers of cafe names elsewhere; allowed_suppliers of cafe names nort, perhaps north; import them or correct the limits',
    })
    await cli.run('limits', 'set', 'allowed_suppliers', 'none')
  })

  it('are set for one supplier, for prices and for one item', async () => {
    const set = async (kind: string, value: string) => (await cli.run('limits', 'set', kind, value)).stdout
    expect(await set('per_supplier.north.per_month', '500')).toBe(
      'per_supplier.north.per_month of cafe is 500.00 EUR now.\n',
    )
    expect(await set('max_line_amount', '80')).toBe('max_line_amount of cafe is 80.00 EUR now.\n')
    expect(await set('max_price_rise_percent', '7.5')).toBe('max_price_rise_percent of cafe is 7.5 now.\n')
    expect(await set('price_rise', 'refuse')).toBe('price_rise of cafe is refuse now.\n')
    expect(await set('max_times_need', '2.5')).toBe('max_times_need of cafe is 2.5 now.\n')
    expect(await set('orders_per_run', '1')).toBe('orders_per_run of cafe is 1 now.\n')
    expect(await refused('limits', 'set', 'max_times_need', '0.5')).toContain('max_times_need of list cafe')
    const { stdout } = await cli.run('limits', 'show')
    expect(stdout).toMatch(/per_supplier\.north\.per_month +500\.00 EUR +0\.00 EUR +500\.00 EUR +\d{4}-/)
    expect(stdout).toMatch(/max_line_amount +80\.00 EUR/)
    expect(stdout).toMatch(/max_price_rise_percent +7\.5/)
    expect(stdout).toMatch(/price_rise +refuse/)
    expect(stdout).toMatch(/max_times_need +2\.5/)
    expect(stdout).toMatch(/orders_per_run +1/)
    const kinds = ['max_line_amount', 'max_price_rise_percent', 'price_rise', 'max_times_need', 'orders_per_run']
    for (const kind of ['per_supplier.north.per_month', ...kinds]) {
      expect(await set(kind, 'none')).toBe(`${kind} of cafe is not set any more.\n`)
    }
    const reset = (await cli.run('limits', 'show')).stdout
    expect(reset).not.toMatch(/per_supplier|max_line|price_rise/)
    expect(reset).toMatch(/orders_per_run +3 +default\nmax_times_need +10 +default\n/)
    expect(await refused('limits', 'set', 'per_supplier.nort.per_month', '5')).toContain('did you mean north?')
  })

  it('refuses what is none', async () => {
    expect(await refused('limits', 'set', 'per_year', '5')).toContain('per_month')
    expect(await refused('limits', 'set', 'per_order', '5,000')).toContain('per_order')
  })
})
