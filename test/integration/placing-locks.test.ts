import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { inTransaction, type OpenDatabase, openDatabase } from '../../src/platform/database.js'
import { lockListLimits } from '../../src/purchasing/limits/list-limits.js'
import { lockCommitments } from '../../src/purchasing/needs/need-facts.js'
import { appendOrderEvents } from '../../src/purchasing/orders/order-events.js'
import { readOrderEvents } from '../../src/purchasing/orders/read-order-events.js'
import { insertOrder } from '../../src/purchasing/placing/insert-order.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import {
  buildCaller,
  buildLine,
  buildNeed,
  buildQuoteOrder,
  insertQuote,
  insertReadyQuote,
  insertSupplier,
  type RunCaller,
  registerRun,
} from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

let database: TestDatabase
let ctx: DomainContext
/** Another server, whose connections can be told apart. */
let other: OpenDatabase
const otherName = 'restock-other-server'

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  other = openDatabase({ url: database.url, applicationName: otherName, log: ctx.log })
  await insertSupplier(ctx, 'a')
})
afterAll(async () => {
  await other.close()
  await database.drop()
})

const place = (quoteId: string, caller: RunCaller, db = other.db) =>
  placeOrder({ ...ctx, db, caller }, { quoteId, rationale: 'low' })

/** Starts work of the other server and tells whether it waits for a lock, once it does or is done. */
async function whetherWaiting<T>(work: Promise<T>): Promise<boolean> {
  let isDone = false
  const done = () => {
    isDone = true
  }
  work.then(done, done)
  return until('the other server to wait or to be done', async () => {
    if (isDone) return 'done'
    const { rows } = await sql`
      select pid from pg_stat_activity where application_name = ${otherName} and wait_event_type = 'Lock'`.execute(
      ctx.db,
    )
    return rows.length > 0 && 'waiting'
  }).then((answer) => answer === 'waiting')
}

/** An order of another run for the item, in a transaction that stays open until the caller ends it. */
async function insertOther(tx: DomainContext, itemId: string) {
  const quoted = buildQuoteOrder('a', [buildLine(itemId)])
  const quoteId = await insertQuote(tx, { runId: `run_other_${itemId}` }, [quoted])
  const { order, events } = await insertOrder(tx, {
    quoteId,
    runId: `run_other_${itemId}`,
    list: 'cafe',
    timeZone: 'Europe/Berlin',
    rationale: 'first',
    channel: 'simulated',
    approvalReasons: [],
    quoted,
    needs: new Map(),
    placedAt: tx.clock.now(),
  })
  return { order, events }
}

describe('placing', () => {
  it('waits for whoever holds the item’s commitment, and then sees what that one ordered', async () => {
    const { caller, quoteId, itemId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    // There already, as it is for every item that was ever ordered: a row that is only being made would hold it up anyway.
    await lockCommitments(ctx, 'cafe', [itemId])
    const placing = await inTransaction(ctx, async (tx) => {
      await sql`select from purchasing.item_commitments where list = 'cafe' and item_id = ${itemId} for update`.execute(
        tx.db,
      )
      const work = place(quoteId, caller)
      expect(await whetherWaiting(work)).toBe(true)
      const { events } = await insertOther(tx, itemId)
      await appendOrderEvents(tx, events)
      return { work }
    })
    const { results } = await placing.work
    expect(results).toMatchObject([{ outcome: 'refused', messages: [{ code: 'need_stale' }] }])
  })

  it('keeps the fence where it is until it is done: a newer claim waits for it', async () => {
    const { caller, quoteId, itemId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    let placing: ReturnType<typeof place> | undefined
    const claim = await inTransaction(ctx, async (tx) => {
      await lockListLimits(tx, { list: 'cafe' })
      placing = place(quoteId, caller)
      expect(await whetherWaiting(placing)).toBe(true)
      // From a third connection, which must not be taken for the one that waits already.
      const third = openDatabase({ url: database.url, applicationName: `${otherName}-3`, log: ctx.log })
      const newer = { ...ctx, db: third.db }
      const work = registerRun(newer, { ...caller, epoch: 2 }, [buildNeed(itemId)]).finally(() => third.close())
      let isDone = false
      work.then(
        () => {
          isDone = true
        },
        () => undefined,
      )
      await until('the newer claim to wait or to be done', async () => {
        const { rows } = await sql`
          select pid from pg_stat_activity where application_name = ${`${otherName}-3`} and wait_event_type = 'Lock'`.execute(
          ctx.db,
        )
        return isDone || rows.length > 0
      })
      expect(isDone).toBe(false)
      return { work }
    })
    expect((await placing)?.results).toMatchObject([{ outcome: 'accepted' }])
    await claim.work
    await expect(place(quoteId, caller)).rejects.toMatchObject({ refusal: { code: 'fenced' } })
  })

  it('numbers its events in the order of the commits, so that who follows them skips none', async () => {
    const { next: before } = await readOrderEvents(ctx, { after: 0 })
    const { work, first } = await inTransaction(ctx, async (tx) => {
      const inserted = await insertOther(tx, 'open_milk')
      await appendOrderEvents(tx, inserted.events)
      const placing = placeLate()
      expect(await whetherWaiting(placing)).toBe(true)
      expect((await readOrderEvents({ ...ctx, db: other.db }, { after: before })).events).toEqual([])
      return { work: placing, first: inserted.order.id }
    })
    await work
    const { events } = await readOrderEvents(ctx, { after: before })
    expect(events.map((event) => event.orderId === first)).toEqual([true, false])
  })
})

/** On a list of its own, so that nothing but the numbering can make it wait. */
async function placeLate() {
  const own = buildCaller('run_late', { list: 'lab' })
  await registerRun({ ...ctx, db: other.db }, own, [buildNeed('late_milk')])
  const quoteId = await insertQuote({ ...ctx, db: other.db }, { runId: own.run, list: 'lab' }, [
    buildQuoteOrder('a', [buildLine('late_milk')]),
  ])
  return place(quoteId, own)
}
