import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents/testing'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModelFactory } from '../../src/agent/models/index.js'
import { findViolations } from '../../src/invariants/find-violations.js'
import { armFailpoints, parseFailpoints } from '../../src/platform/failpoints.js'
import { processors } from '../../src/processors/index.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { pauseAllBuying } from '../../src/purchasing/limits/pause.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import type { RunOutcome } from '../../src/runs/run.js'
import { readSteps } from '../../src/runs/run-steps.js'
import { attempt, openTestShop, type TestShop } from '../helpers/cafe.js'

let shop: TestShop
afterEach(async () => {
  armFailpoints(null)
  await shop.close()
})

/** What a dry run must leave as it found it. */
async function whatCounts() {
  const { rows } = await sql<Record<string, number>>`
    select (select count(*) from purchasing.orders)::int as orders,
           (select count(*) from purchasing.reservations)::int as reservations,
           (select count(*) from purchasing.events)::int as events,
           (select count(*) from purchasing.quotes where placed_at is not null)::int as placed,
           (select count(*) from stock.movements)::int as movements,
           (select count(*) from stock.links)::int as links`.execute(shop.ctx.db)
  expect(await findViolations(shop.ctx.db)).toEqual([])
  return rows[0]
}

const namesOf = (outcome: RunOutcome, match: (item: RunOutcome['items'][number]) => boolean) =>
  outcome.items
    .filter(match)
    .map(({ name }) => name)
    .sort()

describe('a dry run', () => {
  it('goes the way of a real one: says what would be taken and what would wait, and writes nothing that counts', async () => {
    shop = await openTestShop()
    const limits = { approve_above: '330' }
    await applyLimits(shop.ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })
    const before = await whatCounts()
    const dry = await shop.run({ dryRun: true })
    expect(await whatCounts()).toEqual(before)
    const calls = (await readSteps(shop.ctx, dry.id)).filter(({ kind }) => kind === 'tool').map(({ name }) => name)
    expect(calls).toContain('place_order')
    expect(calls).not.toContain('mark_ordered')
    expect(dry.outcome.orders).toEqual([])
    expect(dry.outcome.summary).toMatch(
      /The model's comment: This run only rehearses: .*would be accepted, .*would wait for a person/,
    )

    const real = await shop.run()
    const fates = [
      [/^dry run: would order /, 'ordered'],
      [/^dry run: would wait for approval: .*, since /, 'pending_approval'],
    ] as const
    for (const [said, decision] of fates) {
      const foretold = namesOf(dry.outcome, ({ reason }) => said.test(reason))
      expect(foretold.length, decision).toBeGreaterThan(0)
      expect(
        namesOf(real.outcome, (item) => item.decision === decision),
        decision,
      ).toEqual(foretold)
    }
  }, 120_000)

  it('says that buying is paused', async () => {
    shop = await openTestShop()
    await pauseAllBuying(shop.ctx, { paused: true, by: 'Ann' })
    const { outcome } = await shop.run({ dryRun: true })
    expect(namesOf(outcome, ({ reason }) => /would order/.test(reason))).toEqual([])
    expect(outcome.items.filter(({ reason }) => /paused/i.test(reason)).length).toBeGreaterThan(30)
  })

  it('can not be talked into buying by its model, however often it places', async () => {
    shop = await openTestShop()
    const before = await whatCounts()
    const quoteOf = (input: unknown) => /quo_[a-z0-9]+/.exec(JSON.stringify(input))?.[0] ?? ''
    const place = (callId: string) =>
      modelResponder(({ request }) => [
        functionCall('place_order', { quote_id: quoteOf(request.input), rationale: 'now in earnest' }, { callId }),
      ])
    const model = new ScriptedModel([
      [functionCall('create_quote', {}, { callId: 'c1' })],
      place('c2'),
      place('c3'),
      [functionCall('mark_ordered', { receipt: 'any' }, { callId: 'c4' })],
      [assistantMessage('{"summary":"Bought all.","ordered":[],"skipped":[]}')],
    ])
    const models: ModelFactory = { choose: () => [{ name: 'scripted', model, followsInstructions: true }] }
    const dry = await shop.run({ dryRun: true }, shop.withModels(models))
    model.assertComplete()
    expect(await whatCounts()).toEqual(before)
    const placings = (await readSteps(shop.ctx, dry.id)).filter(({ name }) => name === 'place_order')
    expect(placings.map(({ isWrite }) => isWrite)).toEqual([true, true])
    expect(dry.outcome.orders).toEqual([])
    expect((await shop.run()).outcome.orders.length).toBeGreaterThan(3)
  })

  it.each(['intent.after', 'commit.after', 'result.before'])('cut off at %s is gone on with', async (place) => {
    shop = await openTestShop()
    const before = await whatCounts()
    const { id } = await createRun(shop.ctx, { list: 'cafe', dryRun: true })
    armFailpoints(parseFailpoints(`${place}=error`, undefined))
    await processors
      .replenish(shop.worker, { runId: id }, attempt({ isLast: false }))
      .catch((error: Error) => expect(error.message).toContain(place))
    armFailpoints(null)
    expect(await whatCounts()).toEqual(before)
    await processors.replenish(shop.worker, { runId: id }, attempt({ attempt: 2 }))
    const { outcome } = await getRun(shop.ctx, id)
    expect(outcome?.items.filter(({ reason }) => /^dry run: would /.test(reason)).length).toBeGreaterThan(30)
    expect(outcome?.items.filter(({ decision }) => decision === 'unknown')).toEqual([])
    expect(await whatCounts()).toEqual(before)
  })
})
