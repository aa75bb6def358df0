import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToken } from '../../src/access/tokens.js'
import { operations } from '../../src/web/api/operations/index.js'
import { type ApiRequest, type ApiWorld, goodCall, openApiWorld, orderIn } from '../helpers/api-world.js'
import { until } from '../helpers/until.js'
import { createTestWeb } from '../helpers/web.js'

let world: ApiWorld
const writes = operations.filter(({ method }) => method !== 'get').map(({ id }) => id)

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world?.close())

let counter = 0
const newKey = () => `key-${++counter}`

/** Everything that the three schemas hold, apart from who came in and under which key. */
async function everything(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema in ('stock', 'purchasing', 'restock') and table_type = 'BASE TABLE'
      and table_name not in ('idempotency_keys', 'audit', 'api_tokens', 'sessions')
    order by 1`.execute(world.ctx.db)
  const contents: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string }>`
      select coalesce(string_agg(row::text, ${'\n'} order by row::text), '') as text from ${sql.raw(name)} as row`.execute(
      world.ctx.db,
    )
    contents.push(`${name}\n${rows[0]?.text ?? ''}`)
  }
  return contents.join('\n\n')
}

async function timesDone(action: string): Promise<number> {
  const row = await world.ctx.db
    .selectFrom('restock.audit')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('action', '=', action)
    .where('result', '=', 'done')
    .executeTakeFirstOrThrow()
  return row.count
}

const call = (id: string, request: ApiRequest, key: string, headers: Record<string, string> = {}) =>
  world.call(id, request, { 'idempotency-key': key, ...headers })

describe('the same key twice', () => {
  it.each(writes)('%s has one effect and one answer', async (id) => {
    const request = await goodCall(world, id)
    const key = newKey()
    const before = await everything()
    const doneBefore = await timesDone(id)
    const first = await call(id, request, key)
    expect(first.status, JSON.stringify(first.body)).toBeLessThan(300)
    const after = await everything()
    expect(after).not.toBe(before)
    world.database.clock.advance(1_000)
    const second = await call(id, request, key)
    expect([second.status, second.body]).toEqual([first.status, first.body])
    expect([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ])
    expect(await everything()).toBe(after)
    expect((await timesDone(id)) - doneBefore).toBe(1)
  })

  it.each(writes)('%s has one effect when both come at once', async (id) => {
    const request = await goodCall(world, id)
    const key = newKey()
    const doneBefore = await timesDone(id)
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(id, request, key)))
    const [first] = answers
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([first?.status, first?.body])
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect((await timesDone(id)) - doneBefore).toBe(1)
  })

  it.each(writes)('%s refuses the key for anything else', async (id) => {
    const [request, other] = [await goodCall(world, id), await goodCall(world, id)]
    const key = newKey()
    expect((await call(id, request, key)).status).toBeLessThan(300)
    const doneBefore = await timesDone(id)
    // Of a write without a body and a path of its own, another operation is the other request.
    const isSame = JSON.stringify(request) === JSON.stringify(other)
    const answer = isSame ? await call('startRun', { body: { list: 'cafe' } }, key) : await call(id, other, key)
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(await timesDone(id)).toBe(doneBefore)
  })
})

describe('one key for many', () => {
  it.each(writes)('%s lets one of several requests have it when they come at once', async (id) => {
    const requests = [await goodCall(world, id), await goodCall(world, id), await goodCall(world, id)]
    // Of a write without a body and a path of its own, all are the same.
    const kinds = new Set(requests.map((request) => JSON.stringify(request))).size
    const key = newKey()
    const doneBefore = await timesDone(id)
    const answers = await Promise.all([...requests, ...requests].map((request) => call(id, request, key)))
    expect((await timesDone(id)) - doneBefore).toBe(1)
    const taken = answers.filter(({ status }) => status < 300)
    const refused = answers.filter(({ body }) => body.code === 'idempotency_key_reused')
    expect([taken.length, refused.length]).toEqual(kinds === 1 ? [6, 0] : [2, 4])
    for (const { body } of taken) expect(body).toEqual(taken[0]?.body)
  })

  it('holds up nobody else, however many come with it', async () => {
    const request = { ...(await goodCall(world, 'useItem')), body: { quantity: 1 } }
    const key = newKey()
    const before = await onHandOf(request)
    const [others, answers] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => world.call('findLists'))),
      Promise.all(Array.from({ length: 60 }, () => call('useItem', request, key))),
    ])
    expect(new Set([...others, ...answers].map(({ status }) => status))).toEqual(new Set([200]))
    expect(before - (await onHandOf(request))).toBe(1)
  })

  async function onHandOf(request: ApiRequest): Promise<number> {
    const { body } = await world.call('getItem', { params: { item: String(request.params?.item) } })
    return Number((body.item as { onHand: number }).onHand)
  }
})

describe('a server that dies between the effect and its answer', () => {
  const alone = new Set(operations.filter(({ isAlone }) => isAlone).map(({ id }) => id))

  it.each(writes)('%s has had its whole effect or none, and has one when it is asked for again', async (id) => {
    const request = await goodCall(world, id)
    const key = newKey()
    const before = await everything()
    const doneBefore = await timesDone(id)
    // Stops whoever would keep the answer; by then the effect is made, though nobody else sees it yet.
    const holder = new pg.Client({ connectionString: world.database.url })
    await holder.connect()
    await holder.query(`set statement_timeout = '20s'`)
    try {
      await holder.query(stopAnswers)
      await holder.query('select pg_advisory_lock(4711)')
      const cut = call(id, request, key)
      const pid = await until('the answer to be kept', async () => {
        const { rows } = await holder.query<{ pid: number }>(waitingForUs)
        return rows[0]?.pid
      })
      await holder.query('select pg_terminate_backend($1)', [pid])
      expect((await cut).status).toBeGreaterThanOrEqual(500)
    } finally {
      await holder.query('select pg_advisory_unlock_all()')
      await holder.query('drop trigger stop_answers on restock.idempotency_keys')
      await holder.end()
    }
    if (!alone.has(id)) expect(await everything()).toBe(before)
    // Its claim lapses; everything else left none.
    else world.database.clock.advance(121_000)
    const again = await call(id, request, key)
    // What makes transactions of its own was done already, and says so; everything else is done now.
    if (alone.has(id)) expect([again.status, again.body.code]).toEqual([409, 'order_status'])
    else expect(again.status, JSON.stringify(again.body)).toBeLessThan(300)
    expect((await timesDone(id)) - doneBefore).toBe(1)
    const after = await everything()
    expect(after).not.toBe(before)
    const third = await call(id, request, key)
    expect([third.status, third.body]).toEqual([again.status, again.body])
    expect(await everything()).toBe(after)
  })

  const stopAnswers = `
    create or replace function public.stop_answers() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(4711); return new; end $$;
    create trigger stop_answers before update on restock.idempotency_keys
      for each row when (new.status is not null) execute function public.stop_answers()`
  const waitingForUs = `
    select pid from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`
})

describe('keys', () => {
  const use = async () => ({ ...(await goodCall(world, 'useItem')), body: { quantity: 1 } })

  it('are needed by nobody: without one each call has its own effect', async () => {
    const request = await use()
    const [first, second] = [await world.call('useItem', request), await world.call('useItem', request)]
    expect(Number(first.body.onHand) - Number(second.body.onHand)).toBe(1)
  })

  it('are kept for a day', async () => {
    const [request, key] = [await use(), newKey()]
    const first = await call('useItem', request, key)
    world.database.clock.advance(24 * 60 * 60 * 1_000 - 1_000)
    expect((await call('useItem', request, key)).body).toEqual(first.body)
    world.database.clock.advance(2_000)
    const anew = await call('useItem', request, key)
    expect(anew.headers.get('idempotency-replayed')).toBeNull()
    expect(Number(first.body.onHand) - Number(anew.body.onHand)).toBe(1)
  })

  it('are each caller’s own', async () => {
    const [request, key] = [await use(), newKey()]
    const { token } = await addToken(world.ctx, { name: 'other', scopes: ['run'], by: 'test', days: null })
    const first = await call('useItem', request, key)
    const theirs = await call('useItem', request, key, { authorization: `Bearer ${token}` })
    expect(Number(first.body.onHand) - Number(theirs.body.onHand)).toBe(1)
  })

  it('hold for what a body says, not for how it is written', async () => {
    const { params } = await use()
    const key = newKey()
    const path = `/api/items/${params?.item}/use`
    const post = (body: string) =>
      world.send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
      })
    const first = await post('{"quantity":1,"note":"x"}')
    const second = await post('{ "note" : "x", "quantity": 1.0 }')
    expect([second.status, second.body]).toEqual([first.status, first.body])
    expect((await post('{"quantity":2,"note":"x"}')).body.code).toBe('idempotency_key_reused')
  })

  it('are free again after a refusal, which had no effect', async () => {
    const orderId = await orderIn(world, 'awaiting_approval')
    const key = newKey()
    const path = { params: { order: orderId } }
    await world.call('pauseBuying', { body: { list: 'cafe', paused: true } })
    const refused = await call('approveOrder', path, key)
    expect([refused.status, refused.body.code]).toEqual([409, 'buying_paused'])
    await world.call('pauseBuying', { body: { list: 'cafe', paused: false } })
    expect((await call('approveOrder', path, key)).status).toBe(200)
  })

  it('leave nothing behind when the write fails halfway', async () => {
    const request = { body: { list: 'cafe' } }
    const key = newKey()
    // What the audit log can't take fails the whole write, and with it the key.
    await sql`alter table restock.audit add constraint broken check (action <> 'startRun') not valid`.execute(
      world.ctx.db,
    )
    const before = await everything()
    expect((await call('startRun', request, key)).status).toBe(500)
    expect(await everything()).toBe(before)
    await sql`alter table restock.audit drop constraint broken`.execute(world.ctx.db)
    const again = await call('startRun', request, key)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, null])
  })

  it.each(['', 'with space', 'ü', 'x'.repeat(201)])('%o is none', async (key) => {
    const answer = await call('useItem', await use(), key)
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_idempotency_key'])
  })

  it('hold for an approval that could not be noted, which is made all the same', async () => {
    const orderId = await orderIn(world, 'awaiting_approval')
    const request = { params: { order: orderId } }
    const key = newKey()
    await sql`alter table restock.audit add constraint broken check (action <> 'approveOrder') not valid`.execute(
      world.ctx.db,
    )
    const first = await call('approveOrder', request, key)
    await sql`alter table restock.audit drop constraint broken`.execute(world.ctx.db)
    expect([first.status, (first.body.order as { status: string }).status]).toEqual([200, 'approved'])
    expect((await call('approveOrder', request, key)).body).toEqual(first.body)
  })

  it('that a crash left claimed lapse, and the order is still approved once', async () => {
    const orderId = await orderIn(world, 'awaiting_approval')
    const request = { params: { order: orderId } }
    const key = newKey()
    expect((await call('approveOrder', request, key)).status).toBe(200)
    // As if the process had died between the approval and its answer.
    await world.ctx.db
      .updateTable('restock.idempotency_keys')
      .set({ status: null, body: null, claimed_until: new Date(world.ctx.clock.now().getTime() + 1_000) })
      .where('key', '=', key)
      .execute()
    world.database.clock.advance(2_000)
    const again = await call('approveOrder', request, key)
    expect([again.status, again.body.code]).toEqual([409, 'order_status'])
    const approvals = await world.ctx.db
      .selectFrom('purchasing.order_history')
      .select('id')
      .where('order_id', '=', orderId)
      .where('kind', '=', 'approved')
      .execute()
    expect(approvals).toHaveLength(1)
  })
})

describe('a run that was started', () => {
  it('is queued once, and is found by the scheduler when queueing failed', async () => {
    const key = newKey()
    const answer = await call('startRun', { body: { list: 'cafe' } }, key)
    const { id } = (answer.body as { run: { id: string } }).run
    await call('startRun', { body: { list: 'cafe' } }, key)
    const jobs = await world.queue.queues.replenish.getJobs()
    expect(jobs.filter((job) => job.id === `run-${id}-1`)).toHaveLength(1)
    const deaf = {
      ...world.queue,
      enqueue: async () => {
        throw new Error('the queue is away')
      },
    }
    const web = createTestWeb({ ctx: world.ctx, queue: deaf })
    const response = await web.request('/api/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"list":"cafe"}',
    })
    expect(response.status).toBe(202)
  })
})
