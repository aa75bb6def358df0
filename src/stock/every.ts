import type { Column } from '../platform/csv-columns.js'
import { InputError } from '../platform/errors.js'
import { localDate } from '../platform/local-date.js'

type Unit = 'd' | 'w' | 'm'

/** A calendar date without a time: `2026-03-02`. */
type LocalDate = string

const WRITTEN = /^(\d{1,3}) ?(d|day|days|w|week|weeks|m|month|months)$/i

/** The one way to write an interval: `2 Weeks` is `2w`. */
export function parseEvery(text: string): string {
  const [, count, unit = ''] = WRITTEN.exec(text.trim()) ?? []
  if (count === undefined || Number(count) === 0) {
    throw new InputError(`"${text.slice(0, 40)}" is not an interval; write days, weeks or months, such as 3d, 2w or 1m`)
  }
  return `${Number(count)}${unit.charAt(0).toLowerCase()}`
}

/** A CSV column of intervals. */
export function every(): Column<string | null> {
  return { required: false, parse: (text) => (text === '' ? null : parseEvery(text)) }
}

/**
 * Whether a standing need last ordered at `lastOrderedAt` (null: never) is due again. Whole days of the list's calendar
 * are compared, not instants: an order that went out at 06:00:05 last Monday is a week old this Monday at 06:00:02.
 */
export function isIntervalOver(interval: string, lastOrderedAt: Date | null, now: Date, timeZone: string): boolean {
  if (lastOrderedAt === null) return true
  return localDate(now, timeZone) >= addInterval(localDate(lastOrderedAt, timeZone), interval)
}

/** A month after 31 January is the last of February. */
export function addInterval(date: LocalDate, interval: string): LocalDate {
  const count = Number.parseInt(interval, 10)
  const unit = interval.at(-1) as Unit
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  if (unit !== 'm') return isoDate(Date.UTC(year, month - 1, day + count * (unit === 'w' ? 7 : 1)))
  const lastDay = new Date(Date.UTC(year, month + count, 0)).getUTCDate()
  return isoDate(Date.UTC(year, month - 1 + count, Math.min(day, lastDay)))
}

function isoDate(utcMs: number): LocalDate {
  return new Date(utcMs).toISOString().slice(0, 10)
}
