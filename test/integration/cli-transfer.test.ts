import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { getItem } from '../../src/stock/get-item.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'

let shop: TestShop
let cli: TestCli
beforeAll(async () => {
  shop = await openTestShop({ example: false })
  cli = createTestCli({ env: { DATABASE_URL: shop.database.url } })
})
afterAll(async () => {
  cli.remove()
  await shop.close()
})

async function counts(folder: string): Promise<Record<string, Record<string, number>>> {
  const { json, exitCode, stderr } = await cli.run('import', folder, '--json')
  expect(exitCode, stderr).toBe(0)
  return json() as Record<string, Record<string, number>>
}

describe('a folder of CSV files', () => {
  it('goes in, comes out, and goes in again without change', async () => {
    const first = await counts(join(packageRoot, 'examples', 'cafe'))
    expect(first['items.csv']).toEqual({ created: 63, updated: 0, unchanged: 0 })
    await shop.run()
    await shop.submitAndDeliver()
    shop.database.clock.advance(7 * 86_400_000)
    await shop.submitAndDeliver()

    expect((await cli.run('export', 'out')).exitCode).toBe(0)
    const again = await counts('out')
    expect(again).toEqual({
      'suppliers.csv': { created: 0, updated: 0, unchanged: 5 },
      'catalog.csv': { created: 0, updated: 0, unchanged: 245 },
      'items.csv': { created: 0, updated: 0, unchanged: 63 },
      'orders.csv': { created: 0, unchanged: 5, notes: [] },
      'receipts.csv': { created: 0, unchanged: expect.any(Number) },
    })
    expect(again['receipts.csv']?.unchanged).toBeGreaterThan(20)
    const before = readFileSync(join(cli.cwd, 'out', 'catalog.csv'), 'utf8')
    expect((await cli.run('export', 'out')).stderr).toMatch(
      /suppliers\.csv is there already; name another folder, or add --force/,
    )
    expect((await cli.run('export', 'out', '--force')).exitCode).toBe(0)
    expect(readFileSync(join(cli.cwd, 'out', 'catalog.csv'), 'utf8')).toBe(before)
    expect(readFileSync(join(cli.cwd, 'out', 'orders.csv'), 'utf8')).toMatch(
      /^order,list,supplier,status,placed_at,line,item/,
    )
  })

  it('books goods that came in, once', async () => {
    // What waited for a person has expired in that week; the next run asks again.
    await shop.run()
    const order = await shop.ctx.db
      .selectFrom('purchasing.orders as order')
      .innerJoin('purchasing.order_lines as line', 'line.order_id', 'order.id')
      .select(['order.id', 'line.id as lineId', 'line.item_id as itemId', 'line.quantity'])
      .where('order.status', '=', 'awaiting_approval')
      .executeTakeFirstOrThrow()
    const file = (orderId: string) =>
      `delivery,order,line,quantity\nnote-17/1,${orderId},${order.lineId},${order.quantity}\n`
    writeFileSync(join(cli.cwd, 'receipts.csv'), file(order.id))
    const early = await cli.run('import', '.')
    expect(early).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/receipts\.csv, line 2.*has not been sent/),
    })
    await approveOrder(shop.ctx, { orderId: order.id, by: 'tester' })
    await shop.submitAndDeliver()
    expect(await counts('.')).toEqual({ 'receipts.csv': { created: 1, unchanged: 0 } })
    expect(await counts('.')).toEqual({ 'receipts.csv': { created: 0, unchanged: 1 } })
    await shop.submitAndDeliver()
    const { movements } = await getItem(shop.ctx, { item: order.itemId })
    expect(movements.filter((movement) => movement.kind === 'delivery').map((movement) => movement.quantity)).toEqual([
      order.quantity,
    ])
  })

  it('goes in whole or not at all', async () => {
    const head = 'order,supplier,status,placed_at,item,product,packs,pack_quantity,unit,pack_price,currency\n'
    const order = (status: string) => `OUT-1,new,${status},2026-01-05,Whole milk 3.5%,Milk,1,1,l,2.00,EUR\n`
    const write = (name: string, content: string) => writeFileSync(join(cli.cwd, 'half', name), content)
    mkdirSync(join(cli.cwd, 'half'))
    write('suppliers.csv', 'id,name,currency\nnew,New,EUR\n')
    write('orders.csv', `${head}${order('submitted')}`)
    write('receipts.csv', 'delivery,order,line,quantity\nd-1,OUT-1,OUT-1-1,1\nd-2,OUT-2,x,1\n')
    expect(await cli.run('import', 'half')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^restock: \S+receipts\.csv, line 3, column order: There is no order OUT-2; list the orders to see their ids\.\n$/,
      ),
    })
    expect((await cli.run('suppliers', 'list', '--json')).stdout).not.toMatch(/"new"/)
    write('receipts.csv', 'delivery,order,line,quantity\nd-1,OUT-1,OUT-1-1,1\n')
    expect(await counts('half')).toMatchObject({ 'orders.csv': { created: 1 }, 'receipts.csv': { created: 1 } })
    // The order has been received by then, which the file can't know.
    expect(await counts('half')).toMatchObject({
      'suppliers.csv': { unchanged: 1 },
      'orders.csv': { created: 0, unchanged: 1 },
      'receipts.csv': { created: 0, unchanged: 1 },
    })
    expect((await cli.run('orders', 'show', 'OUT-1')).stdout).toMatch(/status +received/)

    // An order that only the other folder may send is not this one's, and no reason to refuse the rest.
    write('orders.csv', `${head}${order('submitted')}${order('approved').replace('OUT-1', 'OUT-3')}`)
    const left = await cli.run('import', 'half')
    expect(left).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/orders\.csv: 0 new, 1 unchanged/) })
    expect(left.stderr).toBe(
      'restock: One order was left out, since nobody has sent it to a supplier: OUT-3 (approved).\n',
    )
    expect(await cli.run('orders', 'import', 'half/orders.csv')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^restock: half\/orders\.csv, line 3, column status: an order that is approved/),
    })
    write('orders.csv', `${head}${order('submitted')}`)
    expect(await cli.run('orders', 'import', 'half/orders.csv')).toMatchObject({
      exitCode: 0,
      stdout: '0 orders recorded, 1 known and left as they were.\n',
    })
  })

  it('that has none of the files is refused', async () => {
    expect(await cli.run('import', '/')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/has none of suppliers\.csv/),
    })
  })
})
