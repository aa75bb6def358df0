import { describe, expect, it } from 'vitest'
import { localDate } from '../../src/platform/local-date.js'
import { type BudgetPeriodKind, budgetPeriod, startOfLocalDate } from '../../src/purchasing/limits/budget-period.js'

describe('the date on the wall', () => {
  it.each([
    ['2026-03-31T21:59:59Z', 'Europe/Berlin', '2026-03-31'],
    ['2026-03-31T22:00:00Z', 'Europe/Berlin', '2026-04-01'],
    ['2026-01-31T22:59:59Z', 'Europe/Berlin', '2026-01-31'],
    ['2026-01-31T23:00:00Z', 'Europe/Berlin', '2026-02-01'],
    ['2026-12-31T11:00:00Z', 'Pacific/Kiritimati', '2027-01-01'],
    ['2027-01-01T11:59:59Z', 'Etc/GMT+12', '2026-12-31'],
    ['2026-06-30T23:59:59.999Z', 'UTC', '2026-06-30'],
  ])('%s in %s is %s', (instant, zone, date) => {
    expect(localDate(new Date(instant), zone)).toBe(date)
  })
})

describe('periods', () => {
  it.each<[BudgetPeriodKind, string, string, string]>([
    ['day', '2026-02-28', '2026-02-28', '2026-03-01'],
    ['day', '2028-02-28', '2028-02-28', '2028-02-29'],
    ['week', '2026-03-02', '2026-03-02', '2026-03-09'], // a Monday
    ['week', '2026-03-08', '2026-03-02', '2026-03-09'], // the Sunday after it
    ['week', '2027-01-01', '2026-12-28', '2027-01-04'], // ISO week 53 of 2026
    ['month', '2026-02-28', '2026-02-01', '2026-03-01'],
    ['month', '2026-12-31', '2026-12-01', '2027-01-01'],
    ['month', '2026-01-31', '2026-01-01', '2026-02-01'],
  ])('the %s of %s is %s to %s', (kind, date, from, until) => {
    expect(budgetPeriod(kind, date)).toEqual({ from, until })
  })
})

describe('when a local date begins', () => {
  it.each([
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'], // clocks go forward at 02:00 that day
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'], // 00:00 did not exist: the day began at 01:00
    ['2022-03-27', 'Asia/Beirut', '2022-03-26T22:00:00.000Z'], // the same
    ['2024-04-26', 'Africa/Cairo', '2024-04-25T22:00:00.000Z'], // the same
    ['2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z'], // 23:00 to 24:00 came twice the evening before
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'], // 30 December was left out
    ['2026-01-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
  ])('%s in %s begins at %s', (date, zone, instant) => {
    const start = startOfLocalDate(date, zone)
    expect(start.toISOString()).toBe(instant)
    expect(localDate(start, zone)).toBe(date)
    expect(localDate(new Date(start.getTime() - 1), zone) < date).toBe(true)
  })
})
