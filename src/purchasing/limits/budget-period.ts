/**
 * The calendar of budgets: days, ISO weeks (from Monday) and months as the list's wall clock sees them. Pure.
 * Periods are written as local dates (`YYYY-MM-DD`), which compare as text and know nothing of clock changes.
 */
import { localDate } from '../../platform/local-date.js'

export type BudgetPeriodKind = 'day' | 'week' | 'month'

export interface BudgetPeriod {
  /** First local date of it. */
  readonly from: string
  /** First local date after it. */
  readonly until: string
}

const dayMs = 86_400_000

/** The period that a local date lies in. */
export function budgetPeriod(kind: BudgetPeriodKind, date: string): BudgetPeriod {
  if (kind === 'day') return { from: date, until: addDays(date, 1) }
  if (kind === 'week') {
    // getUTCDay counts from Sunday; ISO weeks start on Monday.
    const from = addDays(date, -((toUtc(date).getUTCDay() + 6) % 7))
    return { from, until: addDays(from, 7) }
  }
  const first = toUtc(`${date.slice(0, 8)}01`)
  const next = new Date(first)
  next.setUTCMonth(first.getUTCMonth() + 1)
  return { from: toDate(first), until: toDate(next) }
}

/**
 * The instant at which a local date begins: usually 00:00, but where clocks are put forward at midnight the day starts
 * at 01:00. Found by bisection, as the offset before the change says nothing about the one after it.
 */
export function startOfLocalDate(date: string, timeZone: string): Date {
  // Zones lie between UTC−12 and UTC+14, so the start is within 15 hours of midnight UTC.
  let before = toUtc(date).getTime() - 15 * 3_600_000
  let after = before + 30 * 3_600_000
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (localDate(new Date(middle), timeZone) < date) before = middle
    else after = middle
  }
  return new Date(after)
}

function addDays(date: string, days: number): string {
  return toDate(new Date(toUtc(date).getTime() + days * dayMs))
}

function toUtc(date: string): Date {
  return new Date(`${date}T00:00:00Z`)
}

function toDate(utc: Date): string {
  return utc.toISOString().slice(0, 10)
}
