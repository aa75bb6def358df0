import { describe, expect, it } from 'vitest'
import { nextSlot, type PlannedSchedule, planBeat } from '../../src/schedules/slots.js'

const at = (instant: string) => new Date(instant)
const hourMs = 3_600_000

function schedule(overrides: Partial<PlannedSchedule> = {}): PlannedSchedule {
  return {
    cron: '0 6 * * *',
    timeZone: 'UTC',
    nextSlot: at('2026-03-02T06:00:00Z'),
    misfire: 'run_once',
    catchUpWindowMs: 24 * hourMs,
    maxCatchUp: 10,
    ...overrides,
  }
}

const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString())

describe('nextSlot: wall clocks that jump', () => {
  it.each([
    [
      'a gap: the first instant after it',
      '30 2 * * *',
      'America/New_York',
      '2027-03-13T12:00:00Z',
      '2027-03-14T07:00:00.000Z',
    ],
    ['a repeated hour: once', '30 1 * * *', 'America/New_York', '2027-11-06T12:00:00Z', '2027-11-07T05:30:00.000Z'],
    [
      'a repeated hour: not again',
      '30 1 * * *',
      'America/New_York',
      '2027-11-07T05:30:00Z',
      '2027-11-08T06:30:00.000Z',
    ],
    [
      'every half hour: the first pass',
      '*/30 * * * *',
      'America/New_York',
      '2027-11-07T05:30:00Z',
      '2027-11-07T06:00:00.000Z',
    ],
    [
      'every half hour: the second pass',
      '*/30 * * * *',
      'America/New_York',
      '2027-11-07T06:00:00Z',
      '2027-11-07T06:30:00.000Z',
    ],
    ['a gap of half an hour', '0 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', '2026-10-03T15:30:00.000Z'],
  ])('%s', (_name, cron, timeZone, after, expected) => {
    expect(nextSlot(cron, timeZone, at(after))?.toISOString()).toBe(expected)
  })

  it('is null for a date that never comes', () => {
    expect(nextSlot('0 0 30 2 *', 'UTC', at('2026-01-01T00:00:00Z'))).toBeNull()
  })
})

describe('planBeat', () => {
  it('does nothing before the slot', () => {
    expect(planBeat(schedule(), at('2026-03-02T05:59:59Z'))).toMatchObject({ slots: [], missed: 0, lastSlot: null })
  })

  it('runs a slot that has just come, whatever the misfire rule', () => {
    for (const misfire of ['skip', 'run_once', 'run_all'] as const) {
      const plan = planBeat(schedule({ misfire }), at('2026-03-02T06:00:01Z'))
      expect(iso(plan.slots)).toEqual(['2026-03-02T06:00:00.000Z'])
      expect(plan.missed).toBe(0)
      expect(plan.nextSlot).toEqual(at('2026-03-03T06:00:00Z'))
    }
  })

  it.each([
    ['skip', [], 3],
    ['run_once', ['2026-03-04T06:00:00.000Z'], 2],
    ['run_all', ['2026-03-03T06:00:00.000Z', '2026-03-04T06:00:00.000Z'], 1],
  ] as const)('after three days away, %s within a window of a day and a half', (misfire, slots, missed) => {
    const plan = planBeat(schedule({ misfire, catchUpWindowMs: 36 * hourMs }), at('2026-03-04T09:00:00Z'))
    expect(iso(plan.slots)).toEqual(slots)
    expect(plan.missed).toBe(missed)
    expect(plan.lastSlot).toEqual(at('2026-03-04T06:00:00Z'))
    expect(plan.nextSlot).toEqual(at('2026-03-05T06:00:00Z'))
  })

  it('leaves a slot alone that is older than the window', () => {
    const plan = planBeat(schedule({ catchUpWindowMs: hourMs }), at('2026-03-02T08:00:00Z'))
    expect(plan).toMatchObject({ slots: [], missed: 1 })
  })

  it('makes up for at most ten', () => {
    const plan = planBeat(schedule({ cron: '0 * * * *', misfire: 'run_all' }), at('2026-03-03T06:30:00Z'))
    expect(plan.slots).toHaveLength(10)
    expect(iso(plan.slots).at(-1)).toBe('2026-03-03T06:00:00.000Z')
    expect(plan.missed).toBe(15)
  })

  it('copes with months away on a cron of seconds', () => {
    const plan = planBeat(schedule({ cron: '* * * * * *', misfire: 'run_once' }), at('2026-06-02T06:00:00Z'))
    expect(iso(plan.slots)).toEqual(['2026-06-02T06:00:00.000Z'])
  })
})
