import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { displayWidth } from '../../src/cli/terminal/text-width.js'
import { addSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { addItem } from '../../src/stock/add-item.js'
import { createSilentProgram, everyCommand, pathOf } from '../helpers/cli-tree.js'
import { startRestock } from '../helpers/restock-process.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { testSecret } from '../helpers/test-database.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

/** Names as people give them, with what takes two cells and what takes none. */
const longName = '牛乳 🥛 extra long life whole milk with the blue cap, of which the kitchen is so fond 👩‍🍳 (café)'
const widths = [80, 50]

let shop: WebShop
let cli: TestCli
const terminals = new Map<number, TestCli>()

beforeAll(async () => {
  shop = await openWebShop()
  const { ctx } = shop
  await addItem(ctx, {
    list: 'cafe',
    name: longName,
    unit: 'l',
    onHand: 1234.567,
    reorderPoint: 99_999,
    orderUpTo: 199_999,
    actor: 'somebody with a rather long name',
  })
  await addSupplier(ctx, { id: 'wholesale-of-the-far-north', name: `${longName} Großhandel`, currency: 'EUR' })
  const offsetMs = ctx.clock.now().getTime() - Date.now()
  const env = {
    DATABASE_URL: shop.database.url,
    RESTOCK_SECRET: testSecret,
    RESTOCK_CLOCK_OFFSET_MS: String(offsetMs),
    // Ports that are free, and nothing to wait for.
    RESTOCK_WEB_PORT: '0',
  }
  cli = createTestCli({ env })
  for (const columns of widths) terminals.set(columns, createTestCli({ env, isTerminal: true, columns }))
  writeFileSync(join(cli.cwd, 'other.yaml'), 'lists:\n  lab:\n    currency: EUR\n    time_zone: UTC\n')
  writeFileSync(join(cli.cwd, 'items.csv'), 'name,unit,on_hand,reorder_point,order_up_to\nRice,kg,3,2,9\n')
  writeFileSync(join(cli.cwd, 'suppliers.csv'), 'id,name,channel,currency\nsouth,South,manual,EUR\n')
  writeFileSync(
    join(cli.cwd, 'catalog.csv'),
    'supplier,sku,name,unit,pack_quantity,price\nsouth,RICE-1,Rice 1 kg,kg,1,2.50\n',
  )
})

afterAll(async () => {
  cli?.remove()
  for (const each of terminals.values()) each.remove()
  await shop?.close()
})

/** What answers with a table, at least. */
const tables = (): string[][] => [
  ['runs'],
  ['runs', 'show', shop.ids.run],
  ['schedule', 'list'],
  ['schedule', 'next'],
  ['schedule', 'show', 'cafe-daily'],
  ['items', 'list'],
  ['items', 'list', '--due'],
  ['items', 'history', longName],
  ['suppliers', 'list'],
  ['catalog', 'search', 'oat', 'milk'],
  ['catalog', 'history', 'TEST-1'],
  ['orders', 'list'],
  ['orders', 'show', shop.ids.partly],
  ['orders', 'show', shop.ids.waiting],
  ['limits', 'show'],
  ['tokens', 'list'],
  ['audit'],
]

/** Prose of a run is left to the terminal, which breaks it wherever it likes. */
const proseOf = new Set(['runs show'])

describe('tables', () => {
  beforeAll(async () => {
    await cli.run('tokens', 'add', 'a-dashboard-in-the-kitchen-of-the-cafe', '--scope', 'run,approve')
    await cli.run('limits', 'set', `per_supplier.${shop.ids.supplier}.per_month`, '123456.78')
    await cli.run('items', 'use', longName, '1', '--note', longName)
  })

  it.each(widths)('fit a terminal of %i columns, whatever is in them', async (columns) => {
    for (const words of tables()) {
      const { stdout, exitCode } = (await terminals.get(columns)?.run(...words)) ?? { stdout: '', exitCode: 1 }
      expect({ words, exitCode }).toEqual({ words, exitCode: 0 })
      const lines = stripVTControlCharacters(stdout).split('\n')
      const shown = proseOf.has(words.slice(0, 2).join(' ')) ? lines.slice(0, lines.indexOf('')) : lines
      expect(shown.filter((line) => displayWidth(line) > columns)).toEqual([])
    }
  })

  it('are whole and without colour where no terminal reads them', async () => {
    for (const words of tables()) {
      const { stdout } = await cli.run(...words)
      expect(stripVTControlCharacters(stdout)).toBe(stdout)
    }
    expect((await cli.run('items', 'list')).stdout).toContain(longName)
    expect((await cli.run('suppliers', 'list')).stdout).toContain(`${longName} Großhandel`)
  })

  it('show in colour what is in doubt, what waits and what is done', async () => {
    const { stdout } = (await terminals.get(80)?.run('orders', 'list')) ?? { stdout: '' }
    expect(stdout).toContain('\u001B[31munknown')
    expect(stdout).toContain('\u001B[33mawaiting approval')
    const runs = (await terminals.get(80)?.run('runs'))?.stdout ?? ''
    expect(runs).toContain('\u001B[31mfailed')
    expect(runs).toContain('\u001B[32mcompleted')
  })
})

interface Answered {
  readonly words: readonly string[]
  /** -1: whatever it finds on this machine. */
  readonly exitCode?: number
}

/** Each of these once, in an order in which each finds what it needs. */
function answered(waiting: readonly string[]): Answered[] {
  const { ids } = shop
  const [first = '', second = ''] = waiting
  return [
    { words: [] },
    { words: ['status'] },
    { words: ['config'] },
    { words: ['init', '--list', 'lab', '--currency', 'EUR', '--time-zone', 'UTC', '--config', 'first.yaml'] },
    { words: ['migrate'] },
    { words: ['doctor'], exitCode: -1 },
    { words: ['run', '--list', 'cafe'] },
    { words: ['watch', ids.run] },
    { words: ['runs'] },
    { words: ['runs', 'show', ids.run] },
    { words: ['runs', 'replay', ids.run] },
    { words: ['schedule', 'list'] },
    { words: ['schedule', 'add', '--name', 'tests', '--list', 'cafe', '--cron', '0 5 * * *'] },
    { words: ['schedule', 'change', 'tests', '--cron', '0 6 * * *'] },
    { words: ['schedule', 'show', 'tests'] },
    { words: ['schedule', 'next', 'tests'] },
    { words: ['schedule', 'pause', 'tests'] },
    { words: ['schedule', 'resume', 'tests'] },
    { words: ['schedule', 'run-now', 'tests'] },
    { words: ['schedule', 'remove', 'tests'] },
    { words: ['items', 'import', 'items.csv', '--list', 'cafe'] },
    { words: ['items', 'list', '--list', 'cafe'] },
    { words: ['items', 'export', '--list', 'cafe'] },
    { words: ['items', 'add', 'Salt', '--unit', 'kg', '--list', 'cafe', '--reorder-point', '1', '--order-up-to', '2'] },
    { words: ['items', 'update', 'Salt', '--order-up-to', '3'] },
    { words: ['items', 'count', 'Salt', '2'] },
    { words: ['items', 'use', 'Salt', '0.5'] },
    { words: ['items', 'history', 'Salt'] },
    { words: ['items', 'undo', 'LAST'] },
    { words: ['items', 'confirm-count', 'Salt'] },
    { words: ['items', 'snooze', 'Salt', '--days', '2'] },
    { words: ['items', 'request', 'Cake', '1', '--unit', 'pcs', '--list', 'cafe'] },
    { words: ['suppliers', 'import', 'suppliers.csv'] },
    { words: ['suppliers', 'list'] },
    { words: ['suppliers', 'add', 'east', '--name', 'East', '--currency', 'EUR'] },
    { words: ['catalog', 'import', 'catalog.csv'] },
    { words: ['catalog', 'search', 'rice'] },
    { words: ['catalog', 'history', 'RICE-1'] },
    {
      words: [
        ...['catalog', 'add', 'Salt 1 kg', '--supplier', 'east', '--unit', 'kg'],
        ...['--pack', '1', '--price', '1', '--sku', 'SALT-1'],
      ],
    },
    { words: ['items', 'confirm-link', 'Salt', ids.product] },
    { words: ['orders', 'list'] },
    { words: ['orders', 'show', ids.partly] },
    { words: ['orders', 'approve', first] },
    { words: ['orders', 'cancel', first] },
    { words: ['orders', 'decline', second] },
    { words: ['orders', 'close', ids.partly] },
    { words: ['orders', 'resolve', ids.unknown, '--placed'] },
    { words: ['orders', 'receive', ids.unknown] },
    { words: ['limits', 'show', '--list', 'cafe'] },
    { words: ['limits', 'set', 'per_month', '2500', '--list', 'cafe'] },
    { words: ['export', 'out', '--list', 'cafe'] },
    { words: ['import', 'out', '--list', 'cafe'] },
    { words: ['orders', 'import', join('out', 'orders.csv'), '--list', 'cafe'] },
    { words: ['tokens', 'add', 'tests'] },
    { words: ['tokens', 'list'] },
    { words: ['tokens', 'remove', 'tests'] },
    { words: ['audit'] },
    { words: ['completion', 'bash'] },
    { words: ['config', 'apply', '--config', 'other.yaml'] },
    { words: ['backup', 'all.backup'] },
    { words: ['restore', '--discard-replaced'] },
  ]
}

/** What stays until it is told to stop: as a process, below. */
const staying = [
  ['up'],
  ['scheduler'],
  ['worker'],
  ['web'],
  ['mcp', 'list', '--http', '0'],
  ['mcp', 'ordering', '--http', '0'],
]
/** Makes a database of its own; it has a test elsewhere. */
const elsewhere = ['demo']

describe('--json', () => {
  it('is understood by every command', async () => {
    const waiting = (await findOrders(shop.ctx, { status: 'awaiting_approval', limit: 10 })).map(
      ({ orderId }) => orderId,
    )
    const commands = new Set<string>()
    for (const { words, exitCode = 0 } of answered(waiting)) {
      const given = await Promise.all(words.map((word) => (word === 'LAST' ? lastMovement() : word)))
      const result = await cli.run(...given, '--json')
      // Who follows a run hears of it line by line.
      const texts = words[0] === 'watch' ? result.stdout.trim().split('\n') : [result.stdout || '"nothing"']
      const parsed: unknown = result.exitCode === 2 ? result.stderr : texts.map((text) => JSON.parse(text)).at(-1)
      expect({ words, answer: parsed }).toEqual({ words, answer: expect.any(Object) })
      if (exitCode !== -1) expect({ words, exitCode: result.exitCode }).toEqual({ words, exitCode })
      commands.add(words.slice(0, 2).join(' ')).add(words.slice(0, 1).join(' '))
    }
    const missed = everyCommand(createSilentProgram().program)
      .filter((command) => command.parent === null || isLeaf(command))
      .map((command) => pathOf(command).replace(/^restock ?/, ''))
      .filter((path) => !commands.has(path) && ![...elsewhere, ...staying.map(nameOf)].includes(path))
    expect(missed).toEqual([])
  })

  it.each([
    [['runs', 'show', 'run_x'], '`restock runs` lists them'],
    [['orders', 'show', 'ord_x'], 'restock orders list'],
    [['orders', 'approve', 'ord_x'], 'restock orders list'],
    [['schedule', 'show', 'x'], 'cafe-daily'],
    [['items', 'count', 'Xylophone', '1'], 'restock items list'],
    [['items', 'undo', '999999'], 'restock items history'],
    [['items', 'list', '--list', 'x'], 'the lists are'],
    [['catalog', 'history', 'x'], 'restock catalog search'],
    [['catalog', 'add', 'x', '--supplier', 'x', '--unit', 'l', '--pack', '1', '--price', '1'], 'restock suppliers'],
    [['items', 'confirm-link', 'Rice', 'prd_x'], 'restock catalog search'],
    [['tokens', 'remove', 'x'], 'there: '],
    [['limits', 'set', 'per_mont', '1', '--list', 'cafe'], 'did you mean per_month?'],
  ])('leaves an error one sentence on stderr: %j', async (words, hint) => {
    const { stdout, stderr, exitCode } = await cli.run(...words, '--json')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toMatch(/^restock: [^\n]+\n$/)
    expect(stderr).toContain(hint)
  })

  it.each(staying.map((words) => [words]))('is understood by what stays: %j', async (words) => {
    const env = {
      DATABASE_URL: shop.database.url,
      RESTOCK_SECRET: testSecret,
      RESTOCK_WEB_PORT: '0',
      RESTOCK_LOG_LEVEL: 'warn',
    }
    const restock = startRestock([...words, '--json'], { cwd: cli.cwd, env })
    try {
      await restock.says(/^}\n$/m)
      const answer = JSON.parse(restock.stdout()) as Record<string, unknown>
      const name =
        words.length === 1
          ? { name: words[0], lists: expect.arrayContaining(['cafe']) }
          : { server: words[1], token: expect.any(String) }
      expect(answer).toMatchObject(name)
    } finally {
      restock.child.kill('SIGTERM')
      await restock.ended
    }
  })
})

function nameOf(words: readonly string[]): string {
  return words.filter((word) => /^[a-z]/.test(word)).join(' ')
}

function isLeaf(command: ReturnType<typeof createSilentProgram>['program']): boolean {
  return command.commands.length === 0 || ['runs', 'config'].includes(command.name())
}

async function lastMovement(): Promise<string> {
  const { movements } = (await cli.run('items', 'history', 'Salt', '--json')).json() as {
    movements: { movementId: number }[]
  }
  return String(movements[0]?.movementId)
}
