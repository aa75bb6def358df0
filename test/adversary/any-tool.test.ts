import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Campaign, openCampaign } from './campaign.js'
import { readSettings } from './settings.js'

const settings = readSettings()
const { seed, sequences } = settings
let campaign: Campaign
beforeAll(async () => {
  campaign = await openCampaign()
})
afterAll(() => campaign.close())

describe(`a model that calls any tool with anything, as anybody (ADVERSARY_SEED=${seed})`, () => {
  it(`breaks no promise in ${sequences} sequences`, async () => {
    const started = performance.now()
    const tally = await campaign.run(settings)
    const calls = [...tally]
      .filter(([key]) => !/^(rehearsed )?orders/.test(key))
      .reduce((sum, [, count]) => sum + count, 0)
    const took = Math.round((performance.now() - started) / 1000)
    console.info(`${sequences} sequences of seed ${seed}, ${calls} calls, in ${took} s\n${describeTally(tally)}`)
    if (sequences < 3_000) return
    // It gets everywhere, else it would prove nothing.
    for (const key of reached) expect(tally.get(key) ?? 0, key).toBeGreaterThan(0)
  }, 1_800_000)
})

const reached = [
  'orders accepted',
  'orders pending_approval',
  'orders refused',
  'create_quote fenced',
  'create_quote quantity_above_need',
  'create_quote need_not_registered',
  'create_quote invalid_run_context',
  'place_order ok',
  'place_order quote_not_found',
  'place_order wrong_run',
  'place_order fenced',
  'place_order idempotency_conflict',
  'rehearsed orders',
  'place_order quote_expired',
  'place_order buying_paused',
  'mark_ordered ok',
  'mark_ordered invalid_receipt',
  'mark_ordered wrong_list',
  'apply_order_events worker_only',
  'begin_run worker_only',
  'snooze_item ok',
  'link_product ok',
  'cancel_order person_only',
]

function describeTally(tally: ReadonlyMap<string, number>): string {
  return [...tally]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => `  ${String(count).padStart(6)}  ${key}`)
    .join('\n')
}
