import { describe, expect, it } from 'vitest'
import { nextSlot, nextSlots, planBeat } from '../../src/schedules/slots.js'
import { slotByTodaysData, storedSlot, wallTime } from '../../src/schedules/wall-clock.js'

const at = (instant: string) => new Date(instant)
const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString().replace(':00.000Z', 'Z'))

/** Expected instants are worked out by hand from the rules of each zone, not from what the program says. */
const table: readonly { zone: string; what: string; cron: string; after: string; slots: readonly string[] }[] = [
  // New York 2027: 14 March 2:00 EST (UTC−5) → 3:00 EDT (UTC−4); 7 November 2:00 EDT → 1:00 EST.
  {
    zone: 'America/New_York',
    what: 'a time that does not exist runs at the first instant after the gap',
    cron: '30 2 * * *',
    after: '2027-03-13T12:00:00Z',
    slots: ['2027-03-14T07:00Z', '2027-03-15T06:30Z'],
  },
  {
    zone: 'America/New_York',
    what: 'every half hour goes over the gap without a pause in real time',
    cron: '*/30 * * * *',
    after: '2027-03-14T06:00:00Z',
    slots: ['2027-03-14T06:30Z', '2027-03-14T07:00Z', '2027-03-14T07:30Z'],
  },
  {
    zone: 'America/New_York',
    what: 'a time that comes twice runs once, the first time',
    cron: '30 1 * * *',
    after: '2027-11-06T12:00:00Z',
    slots: ['2027-11-07T05:30Z', '2027-11-08T06:30Z'],
  },
  {
    zone: 'America/New_York',
    what: 'every half hour runs through both passes of the repeated hour',
    cron: '*/30 * * * *',
    after: '2027-11-07T04:30:00Z',
    slots: ['2027-11-07T05:00Z', '2027-11-07T05:30Z', '2027-11-07T06:00Z', '2027-11-07T06:30Z', '2027-11-07T07:00Z'],
  },
  {
    zone: 'America/New_York',
    what: 'a time after the change is an hour later in UTC',
    cron: '0 6 * * *',
    after: '2027-11-06T00:00:00Z',
    slots: ['2027-11-06T10:00Z', '2027-11-07T11:00Z', '2027-11-08T11:00Z'],
  },
  // Berlin 2027: 28 March 2:00 CET (UTC+1) → 3:00 CEST (UTC+2); 31 October 3:00 CEST → 2:00 CET.
  {
    zone: 'Europe/Berlin',
    what: 'a time that does not exist',
    cron: '30 2 * * *',
    after: '2027-03-27T12:00:00Z',
    slots: ['2027-03-28T01:00Z', '2027-03-29T00:30Z'],
  },
  {
    zone: 'Europe/Berlin',
    what: 'the first minute after the gap comes once, as ever',
    cron: '0 3 * * *',
    after: '2027-03-27T12:00:00Z',
    slots: ['2027-03-28T01:00Z', '2027-03-29T01:00Z'],
  },
  {
    zone: 'Europe/Berlin',
    what: 'a time that comes twice',
    cron: '30 2 * * *',
    after: '2027-10-30T12:00:00Z',
    slots: ['2027-10-31T00:30Z', '2027-11-01T01:30Z'],
  },
  {
    zone: 'Europe/Berlin',
    what: 'every half hour in the repeated hour',
    cron: '*/30 * * * *',
    after: '2027-10-30T23:30:00Z',
    slots: ['2027-10-31T00:00Z', '2027-10-31T00:30Z', '2027-10-31T01:00Z', '2027-10-31T01:30Z', '2027-10-31T02:00Z'],
  },
  {
    zone: 'Europe/Berlin',
    what: 'Mondays only, the day after the change',
    cron: '0 6 * * 1',
    after: '2027-03-26T12:00:00Z',
    slots: ['2027-03-29T04:00Z', '2027-04-05T04:00Z'],
  },
  // Lord Howe moves by half an hour: 4 October 2026 2:00 (UTC+10:30) → 2:30 (UTC+11); 4 April 2027 2:00 (+11) → 1:30 (+10:30).
  {
    zone: 'Australia/Lord_Howe',
    what: 'the first minute of a gap of half an hour',
    cron: '0 2 * * *',
    after: '2026-10-03T00:00:00Z',
    slots: ['2026-10-03T15:30Z', '2026-10-04T15:00Z'],
  },
  {
    zone: 'Australia/Lord_Howe',
    what: 'the middle of it',
    cron: '15 2 * * *',
    after: '2026-10-03T00:00:00Z',
    slots: ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
  },
  {
    zone: 'Australia/Lord_Howe',
    what: 'a time in the half hour that comes twice',
    cron: '45 1 * * *',
    after: '2027-04-03T00:00:00Z',
    slots: ['2027-04-03T14:45Z', '2027-04-04T15:15Z'],
  },
  {
    zone: 'Australia/Lord_Howe',
    what: 'every hour: 2:00 comes half an hour late',
    cron: '0 * * * *',
    after: '2027-04-03T13:00:00Z',
    slots: ['2027-04-03T14:00Z', '2027-04-03T15:30Z', '2027-04-03T16:30Z'],
  },
  // São Paulo changed at midnight: 4 November 2018 0:00 (UTC−3) → 1:00 (UTC−2); 17 February 2019 0:00 (−2) → 23:00 (−3) the
  // day before. Since then it has had no summer time, though older data still has one in November 2019.
  {
    zone: 'America/Sao_Paulo',
    what: 'a midnight that does not exist',
    cron: '0 0 * * *',
    after: '2018-11-03T12:00:00Z',
    slots: ['2018-11-04T03:00Z', '2018-11-05T02:00Z'],
  },
  {
    zone: 'America/Sao_Paulo',
    what: 'an hour before midnight that comes twice',
    cron: '30 23 * * *',
    after: '2019-02-16T12:00:00Z',
    slots: ['2019-02-17T01:30Z', '2019-02-18T02:30Z'],
  },
  {
    zone: 'America/Sao_Paulo',
    what: 'the midnight after it comes once',
    cron: '0 0 * * *',
    after: '2019-02-16T12:00:00Z',
    slots: ['2019-02-17T03:00Z', '2019-02-18T03:00Z'],
  },
  {
    zone: 'America/Sao_Paulo',
    what: 'no change any more',
    cron: '0 0 * * *',
    after: '2019-11-02T12:00:00Z',
    slots: ['2019-11-03T03:00Z', '2019-11-04T03:00Z'],
  },
  // Casablanca is on UTC+1 but in Ramadan, when it goes back to UTC: 15 February 2026 3:00 → 2:00, and 22 March 2:00 → 3:00.
  {
    zone: 'Africa/Casablanca',
    what: 'Ramadan begins: a time that comes twice',
    cron: '30 2 * * *',
    after: '2026-02-14T12:00:00Z',
    slots: ['2026-02-15T01:30Z', '2026-02-16T02:30Z'],
  },
  {
    zone: 'Africa/Casablanca',
    what: 'Ramadan ends: a time that does not exist',
    cron: '30 2 * * *',
    after: '2026-03-21T12:00:00Z',
    slots: ['2026-03-22T02:00Z', '2026-03-23T01:30Z'],
  },
  {
    zone: 'Africa/Casablanca',
    what: 'the morning before, within and after Ramadan',
    cron: '0 6 * * *',
    after: '2026-02-13T12:00:00Z',
    slots: ['2026-02-14T05:00Z', '2026-02-15T06:00Z'],
  },
  {
    zone: 'Africa/Casablanca',
    what: 'and after it',
    cron: '0 6 * * *',
    after: '2026-03-20T12:00:00Z',
    slots: ['2026-03-21T06:00Z', '2026-03-22T05:00Z'],
  },
]

describe('slots where clocks change', () => {
  it.each(table)('$zone: $what ($cron)', ({ zone, cron, after, slots }) => {
    expect(iso(nextSlots(cron, zone, at(after), slots.length))).toEqual(slots)
  })

  it.each(table)('$zone: one beat after another finds the same ($cron, $what)', ({ zone, cron, after, slots }) => {
    const taken: Date[] = []
    let next = nextSlot(cron, zone, at(after))
    const end = at(slots.at(-1) ?? after).getTime()
    for (let now = at(after).getTime(); now <= end; now += 5 * 60_000) {
      if (next === null) break
      const plan = planBeat(
        { cron, timeZone: zone, nextSlot: next, misfire: 'run_all', catchUpWindowMs: 86_400_000, maxCatchUp: 10 },
        new Date(now),
      )
      taken.push(...plan.slots)
      next = plan.nextSlot
    }
    expect(iso(taken)).toEqual(slots)
  })
})

describe('time zone data that changes', () => {
  it('stores what the wall shows', () => {
    expect(storedSlot(at('2027-03-14T07:00:00Z'), 'America/New_York')).toEqual({
      next_slot: at('2027-03-14T07:00:00Z'),
      next_wall: '2027-03-14T03:00:00',
      zone_data: process.versions.tz,
    })
    expect(wallTime(at('2026-01-01T00:00:00Z'), 'America/Sao_Paulo')).toBe('2025-12-31T21:00:00')
  })

  const daily = { cron: '0 6 * * *', timeZone: 'America/Sao_Paulo', lastSlot: null }

  it('leaves a slot alone that still shows the same time', () => {
    const nextSlot = at('2019-11-10T09:00:00Z')
    expect(slotByTodaysData({ ...daily, nextSlot, nextWall: '2019-11-10T06:00:00' })).toEqual(nextSlot)
  })

  it('moves a slot of a summer time that was abolished', () => {
    // Data of 2018 had São Paulo on UTC−2 from 3 November 2019 on: 6:00 there was 8:00Z.
    const waiting = { ...daily, nextSlot: at('2019-11-10T08:00:00Z'), nextWall: '2019-11-10T06:00:00' }
    expect(slotByTodaysData(waiting)).toEqual(at('2019-11-10T09:00:00Z'))
  })

  it('moves a slot of a summer time that was introduced', () => {
    // Data that knew of no summer time in New York: 6:00 was 11:00Z.
    const waiting = { ...daily, timeZone: 'America/New_York', nextSlot: at('2027-07-01T11:00:00Z') }
    expect(slotByTodaysData({ ...waiting, nextWall: '2027-07-01T06:00:00' })).toEqual(at('2027-07-01T10:00:00Z'))
  })

  it('never takes a slot again', () => {
    const waiting = {
      cron: '*/30 * * * *',
      timeZone: 'America/New_York',
      nextSlot: at('2027-07-01T11:30:00Z'),
      nextWall: '2027-07-01T06:30:00',
      lastSlot: at('2027-07-01T11:00:00Z'),
    }
    expect(slotByTodaysData(waiting)).toEqual(at('2027-07-01T11:30:00Z'))
  })

  it('finds the first instant after a gap that is new', () => {
    const waiting = { ...daily, cron: '30 2 * * *', timeZone: 'America/New_York' }
    // Data that knew of no gap on that day: 2:30 was 7:30Z.
    expect(
      slotByTodaysData({ ...waiting, nextSlot: at('2027-03-14T07:30:00Z'), nextWall: '2027-03-14T02:30:00' }),
    ).toEqual(at('2027-03-14T07:00:00Z'))
  })
})
