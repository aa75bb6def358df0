import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeValues } from '../../src/cli/completion/complete-values.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli } from '../helpers/run-cli.js'
import { testSecret } from '../helpers/test-database.js'

let shop: TestShop
let folder: string

beforeAll(async () => {
  shop = await openTestShop()
  await shop.run()
  folder = mkdtempSync(join(tmpdir(), 'restock-completion-'))
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await shop?.close()
})

const ask = (
  what: string,
  env: Readonly<Record<string, string>> = { DATABASE_URL: shop.database.url },
  words: string[] = [],
) => completeValues({ what, words, env, cwd: folder, patienceMs: 20_000 })

describe('what can be completed', () => {
  it('is what the database has, each with what it is', async () => {
    const orders = await findOrders(shop.ctx, { limit: 50 })
    const [order] = orders
    expect((await ask('orders')).split('\n')).toHaveLength(orders.length + 1)
    expect(await ask('orders')).toContain(
      `${order?.orderId}\t${order?.status.replaceAll('_', ' ')}, ${order?.supplier}\n`,
    )
    expect(await ask('runs')).toMatch(/^run_\w+\tcompleted, cafe\n$/)
    expect(await ask('lists')).toMatch(/^cafe\t/)
    expect(await ask('items')).toContain('Whole milk 3.5%\tcafe\n')
    expect(await ask('suppliers')).toMatch(/^[\w-]+\t.+\n/)
    expect(await ask('products')).toMatch(/^prd_\w+\t.+\n/)
    expect(await ask('offers')).toMatch(/^\S+\t.+\n/)
    await addSchedule(shop.ctx, {
      name: 'nightly',
      list: 'cafe',
      cron: '0 5 * * *',
      timeZone: 'UTC',
      misfire: 'skip',
      overlap: 'skip',
      instructions: null,
      isPaused: false,
    })
    expect(await ask('schedules')).toBe('nightly\tcafe\n')
    const cli = createTestCli({ env: { DATABASE_URL: shop.database.url, RESTOCK_SECRET: testSecret } })
    await cli.run('tokens', 'add', 'dash')
    cli.remove()
    expect(await ask('tokens')).toBe('dash\t\n')
  })

  it.each(['', 'secrets', 'toString', '__proto__'])('is nothing of what nobody keeps: "%s"', async (what) => {
    expect(await ask(what)).toBe('')
  })
})

describe('completion without a database', () => {
  it('is silent, and starts none', async () => {
    expect(await ask('lists', {})).toBe('')
    expect(await ask('lists', { RESTOCK_DATA_DIR: 'nowhere' })).toBe('')
    expect(await ask('lists', {}, ['restock', '--data-dir', '=', join(folder, 'nowhere')])).toBe('')
    expect(await ask('lists', { DATABASE_URL: 'postgres://nobody:wrong@127.0.0.1:1/nothing' })).toBe('')
    expect(await ask('lists', { DATABASE_URL: 'no url' })).toBe('')
    writeFileSync(join(folder, 'postgres.json'), '{ damaged')
    expect(await ask('lists', { RESTOCK_DATA_DIR: '.' })).toBe('')
  })

  it('gives up on one that does not answer', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const env = { DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/c` }
    expect(await completeValues({ what: 'lists', words: [], env, cwd: folder })).toBe('')
    silent.close()
  })
})
