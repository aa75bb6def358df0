import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { armFailpoints, parseFailpoints } from '../../src/platform/failpoints.js'
import { processors } from '../../src/processors/index.js'
import { createRun } from '../../src/runs/create-run.js'
import { pruneJournal } from '../../src/runs/journal.js'
import { attempt, openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { testSecret } from '../helpers/test-database.js'

let shop: TestShop
let cli: TestCli
let doneId: string
let openId: string

beforeAll(async () => {
  shop = await openTestShop()
  openId = (await createRun(shop.ctx, { list: 'cafe' })).id
  armFailpoints(parseFailpoints('send.before=error', undefined))
  const run = () => processors.replenish(shop.worker, { runId: openId }, attempt({ isLast: false }))
  await expect(run()).rejects.toThrow('on purpose')
  armFailpoints(null)
  await shop.ctx.db.updateTable('restock.runs').set({ status: 'pending' }).where('id', '=', openId).execute()
  doneId = (await shop.run()).id
  cli = createTestCli({ env: { DATABASE_URL: shop.database.url, RESTOCK_SECRET: testSecret } })
})
afterAll(async () => {
  armFailpoints(null)
  cli.remove()
  await shop.close()
})

const contents = async () => {
  const { rows } = await shop.database.pool.query(
    `select (select md5(string_agg(s::text, '' order by s.run_id, s.epoch, s.step)) from restock.run_steps s) steps,
       (select md5(string_agg(r::text, '' order by r.id)) from restock.runs r) runs`,
  )
  return rows[0] as unknown
}

interface Answer {
  readonly steps: readonly {
    name: string
    kind: string
    isInDoubt: boolean
    digest: string | null
    position: number | null
  }[]
  readonly replays: readonly { recorded: number; agreed: number; ended: string; difference: string | null }[]
}

describe('runs replay', () => {
  it('shows every step and leads the run again from its record, changing nothing', async () => {
    const before = await contents()
    const { json, exitCode } = await cli.run('runs', 'replay', doneId, '--json')
    const { steps, replays } = json() as unknown as Answer
    expect(exitCode).toBe(0)
    expect(steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['begin_run', 'register_needs', 'create_quote', 'place_order', 'mark_ordered']),
    )
    const calls = steps.filter(({ position, kind }) => position !== null && kind !== 'snapshot')
    expect(calls.every(({ digest, isInDoubt }) => digest?.length === 12 && !isInDoubt)).toBe(true)
    expect(replays).toEqual([
      { leg: 1, model: 'rules', recorded: calls.length, agreed: calls.length, ended: 'completed', difference: null },
    ])
    expect(await contents()).toEqual(before)
  })

  it('marks a write of which nobody knows, and says where the record stops', async () => {
    const { json, exitCode } = await cli.run('runs', 'replay', openId, '--json')
    const { steps, replays } = json() as unknown as Answer
    expect(exitCode).toBe(0)
    expect(steps.filter(({ isInDoubt }) => isInDoubt)).toHaveLength(1)
    expect(steps.at(-1)?.isInDoubt).toBe(true)
    expect(replays).toMatchObject([{ ended: 'open', difference: null }])
    const { stdout } = await cli.run('runs', 'replay', openId)
    expect(stdout).toContain('→ no result: nobody knows whether this was done')
    expect(stdout).toMatch(/Led again from its record, leg 1 \(rules\): all \d+ calls agree; there the record stops\./)
  })

  it('says in words what was asked and answered', async () => {
    const { stdout } = await cli.run('runs', 'replay', doneId)
    expect(stdout).toMatch(/rules begins on 45 due items/)
    expect(stdout).toMatch(/rules is asked \(\d+ ms, 0 tokens in, 0 out, asked [\w-]{12}\)\n\s+→ calls search_catalog/)
    expect(stdout).toMatch(/begin_run of list by the worker/)
    expect(stdout).toMatch(/it ends as completed\./)
  })

  it('finds a record that was tampered with, and where', async () => {
    const { pool } = shop.database
    const { rows } = await pool.query<{ step: number; response: object }>(
      `select step, response from restock.run_steps where run_id = $1 and name = 'create_quote' order by step limit 1`,
      [doneId],
    )
    const response = JSON.stringify(rows[0]?.response)
    const put = (text: string) =>
      pool.query(`update restock.run_steps set response = $1 where run_id = $2 and step = $3`, [
        text,
        doneId,
        rows[0]?.step,
      ])
    await put(response.replace(/"total_minor":\d+/, '"total_minor":1'))
    const { json, exitCode } = await cli.run('runs', 'replay', doneId, '--json')
    await put(response)
    expect(exitCode).toBe(1)
    const [replay] = (json() as unknown as Answer).replays
    expect(replay?.difference).toMatch(/differs from what was recorded at step \d+ of attempt 1 \(rules\)/)
    expect(replay?.agreed).toBeLessThan(replay?.recorded ?? 0)
  })

  it('has nothing to show once the record is as old as it is kept, and the run stays', async () => {
    const day = 24 * 60 * 60_000
    const { ctx, clock } = { ctx: shop.ctx, clock: shop.database.clock }
    expect(await pruneJournal(ctx, { before: new Date(clock.now().getTime() - day) })).toBe(0)
    const pruned = await pruneJournal(ctx, { before: new Date(clock.now().getTime() + day) })
    expect(pruned).toBeGreaterThan(10)
    const { stdout } = await cli.run('runs', 'replay', doneId)
    expect(stdout).toContain('has no recorded steps')
    expect((await cli.run('runs', 'show', doneId)).stdout).toContain('Ordered')
    // A run that is still at work keeps its record however old it is.
    expect((await cli.run('runs', 'replay', openId)).stdout).toContain('nobody knows')
  })
})
