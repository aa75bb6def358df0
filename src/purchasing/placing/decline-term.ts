import { InputError } from '../../platform/errors.js'

const dayMs = 86_400_000
const longestDays = 366

/** A week: long enough for a person not to be asked the same every morning. */
export const defaultDeclineMs = 7 * dayMs

/** '3d', '2w' or '1m' (30 days) in milliseconds; '0' is not at all. */
export function parseDeclineTerm(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,4})\s*(d|w|m|days?|weeks?|months?)?$/i.exec(text.trim()) ?? []
  if (count !== '' && Number(count) === 0) return 0
  const daysOf = { d: 1, w: 7, m: 30 }[unit.charAt(0).toLowerCase()]
  if (count === '' || daysOf === undefined) {
    throw new InputError(`"${text.slice(0, 40)}" is not a term; write 0, or days, weeks or months such as 3d, 2w or 1m`)
  }
  const days = Number(count) * daysOf
  if (days > longestDays) throw new InputError(`"${text.slice(0, 40)}" is too long; at most a year (12m) is possible`)
  return days * dayMs
}
