import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTools } from '../../servers/list/tools/index.js'
import type { Caller } from '../../src/platform/run-context.js'
import { addItem } from '../../src/stock/add-item.js'
import { getItem } from '../../src/stock/get-item.js'
import { requestItem } from '../../src/stock/request-item.js'
import { updateItem } from '../../src/stock/update-item.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { buildNeed, registerRun } from '../helpers/purchasing-builders.js'
import { createTestCli } from '../helpers/run-cli.js'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop({ example: false })
})
afterAll(() => shop.close())

const person: Caller = { kind: 'person' }

async function call(name: string, input: object): Promise<Record<string, unknown>> {
  const tool = listTools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return { ...(await tool.handle({ ...shop.ctx, caller: person }, tool.input.parse(input))) }
}

async function neededByOf(runId: string) {
  const rows = await shop.ctx.db
    .selectFrom('purchasing.needs')
    .select(['name', 'needed_by'])
    .where('run_id', '=', runId)
    .orderBy('name')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.name, row.needed_by?.toISOString() ?? null]))
}

describe('the day by which a request is needed', () => {
  it('goes from the list over a run to the ordering server, all of that day on the wall of the list', async () => {
    // On 29 March 2026 clocks in Berlin go forward.
    await call('request_item', { name: 'Cake', quantity: 2, unit: 'pcs', needed_by: '2026-03-29' })
    await call('request_item', { name: 'Candles', quantity: 10, unit: 'pcs' })
    const run = await shop.run()
    expect(run.snapshot?.items.map(({ name, neededBy }) => [name, neededBy])).toEqual([
      ['Cake', '2026-03-29'],
      ['Candles', null],
    ])
    expect(await neededByOf(run.id)).toEqual({ Cake: '2026-03-29T21:59:59.999Z', Candles: null })
  })

  it('is part of what is asked for: the same again is one request, another day is refused', async () => {
    const request = { name: 'Banner', quantity: 1, unit: 'pcs' }
    const first = await requestItem(shop.ctx, { ...request, neededBy: '2026-04-01' })
    expect(await requestItem(shop.ctx, { ...request, neededBy: '2026-04-01' })).toEqual({ ...first, isNew: false })
    expect(await requestItem(shop.ctx, request)).toEqual({ ...first, isNew: false })
    await expect(requestItem(shop.ctx, { ...request, neededBy: '2026-04-02' })).rejects.toThrow(
      '"Banner" is requested already (1 pcs by 2026-04-01); a person can change it with update_item.',
    )
  })

  it('can be moved and cleared by a person', async () => {
    const { itemId } = await requestItem(shop.ctx, { name: 'Balloons', quantity: 5, unit: 'pcs' })
    const day = async () => (await getItem(shop.ctx, { item: itemId })).item.neededBy
    expect(await call('update_item', { item_id: itemId, needed_by: '2026-03-02' })).toMatchObject({
      changed: ['needed_by'],
    })
    expect(await day()).toBe('2026-03-02')
    // A request whose day is over can still be changed otherwise.
    shop.database.clock.advance(86_400_000)
    await updateItem(shop.ctx, { item: itemId, changes: { requestedQuantity: 6 } })
    await call('update_item', { item_id: itemId, needed_by: null })
    expect(await day()).toBeNull()
    shop.database.clock.advance(-86_400_000)
  })

  const inPast = 'needed_by: 2026-03-01 is in the past (today is 2026-03-02); give a later day or leave it out'
  it.each([
    ['2026-03-01', inPast],
    ['2026-02-30', 'needed_by: "2026-02-30" is not a date; write it as 2026-03-31'],
    ['31.03.2026', 'needed_by: "31.03.2026" is not a date; write it as 2026-03-31'],
    ['soon', 'needed_by: "soon" is not a date; write it as 2026-03-31'],
    ['2026-03-31T08:00:00Z', 'needed_by: "2026-03-31T08:00:00Z" is not a date; write it as 2026-03-31'],
  ])('refuses %s, in request_item and update_item alike', async (needed_by, problem) => {
    const request = { name: `Late ${needed_by}`, quantity: 1, unit: 'pcs' }
    await expect(call('request_item', { ...request, needed_by })).rejects.toThrow(problem)
    const { item_id } = await call('request_item', request)
    await expect(call('update_item', { item_id, needed_by })).rejects.toThrow(problem)
    expect(await call('get_item', { item_id })).toMatchObject({ item: { needed_by: null } })
  })

  it('is none of what is kept in stock', async () => {
    await addItem(shop.ctx, { name: 'Tea', unit: 'kg', onHand: 9 })
    await expect(call('update_item', { item_id: 'Tea', needed_by: '2026-04-01' })).rejects.toThrow(
      'needed_by: only a one-off request has a day by which it is needed; leave it blank',
    )
  })

  it('is said on the command line', async () => {
    const cli = createTestCli({ env: { DATABASE_URL: shop.database.url } })
    try {
      const asked = ['items', 'request', 'Wine', '3', '--unit', 'l', '--needed-by', '2099-12-31']
      expect(await cli.run(...asked)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/is requested on list/),
      })
      expect((await cli.run(...asked)).stdout).toMatch(/requested already/)
      expect((await cli.run('items', 'list')).stdout).toMatch(/needed by 2099-12-31/)
      expect(await cli.run('items', 'update', 'Wine', '--needed-by', '2001-01-01')).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/^restock: needed_by: 2001-01-01 is in the past \(today is \d{4}-\d\d-\d\d\)/),
      })
      await cli.run('items', 'update', 'Wine', '--clear', 'needed-by', '--requested', '4')
      expect((await getItem(shop.ctx, { item: 'Wine' })).item).toMatchObject({ neededBy: null, requestedQuantity: 4 })
    } finally {
      cli.remove()
    }
  })
})

describe('register_needs', () => {
  it.each([
    ['2026-03-02', '2026-03-02T22:59:59.999Z'],
    ['2026-03-31T12:00:00+02:00', '2026-03-31T10:00:00.000Z'],
    // Over already: a quote says so of this item alone.
    ['2020-01-01', '2020-01-01T22:59:59.999Z'],
  ])('takes %s', async (neededBy, stored) => {
    const run = `run_${neededBy}`
    await registerRun(shop.ctx, [buildNeed({ itemId: 'x', name: 'x', neededBy })], { run })
    expect(await neededByOf(run)).toEqual({ x: stored })
  })

  it.each(['2026-02-30', 'soon', '2026-03-31T12:00', '', '2026-03-31Tnoon'])('refuses "%s"', async (neededBy) => {
    await expect(registerRun(shop.ctx, [buildNeed({ itemId: 'x', neededBy })], { run: 'run_bad' })).rejects.toThrow(
      /^needs\[0\]\.needed_by is ".*"; write a day such as 2026-03-31/,
    )
  })
})
