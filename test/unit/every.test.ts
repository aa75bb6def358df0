import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/platform/errors.js'
import { addInterval, isIntervalOver, parseEvery } from '../../src/stock/every.js'

describe('an interval', () => {
  it.each([
    ['2w', '2w'],
    ['03D', '3d'],
    ['1 month', '1m'],
    [' 2 Weeks ', '2w'],
  ])('%j is %s', (text, interval) => {
    expect(parseEvery(text)).toBe(interval)
  })

  it.each(['', 'w', '0d', '-1w', '1.5w', '2y', 'weekly', '1000d', 'P2W'])('%j is none', (text) => {
    expect(() => parseEvery(text)).toThrow(InputError)
  })

  it.each([
    ['2026-03-02', '3d', '2026-03-05'],
    ['2026-02-26', '1w', '2026-03-05'],
    ['2026-01-31', '1m', '2026-02-28'],
    ['2028-01-31', '1m', '2028-02-29'],
    ['2026-11-15', '3m', '2027-02-15'],
    ['2026-12-31', '2m', '2027-02-28'],
  ])('%s and %s is %s', (date, interval, expected) => {
    expect(addInterval(date, interval)).toBe(expected)
  })
})

describe('a standing need is due again', () => {
  it.each<[string, string, string | null, string, string, boolean]>([
    ['when it was never ordered', '1w', null, '2026-03-02T06:00:00Z', 'UTC', true],
    [
      'a week later, though a few seconds earlier in the day',
      '1w',
      '2026-03-02T06:00:05Z',
      '2026-03-09T06:00:02Z',
      'UTC',
      true,
    ],
    ['not on the sixth day', '1w', '2026-03-02T06:00:05Z', '2026-03-08T23:59:59Z', 'UTC', false],
    ["by the list's own calendar", '1d', '2026-03-02T20:00:00Z', '2026-03-02T23:30:00Z', 'Europe/Berlin', true],
    ["and not by the server's", '1d', '2026-03-02T23:30:00Z', '2026-03-03T20:00:00Z', 'Europe/Berlin', false],
    ['over a change of the clocks', '1w', '2026-03-25T05:30:00Z', '2026-04-01T04:30:00Z', 'Europe/Berlin', true],
  ])('%s', (_name, interval, last, now, zone, expected) => {
    expect(isIntervalOver(interval, last === null ? null : new Date(last), new Date(now), zone)).toBe(expected)
  })
})
