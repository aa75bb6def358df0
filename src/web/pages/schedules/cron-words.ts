import { toString as describeCron } from 'cronstrue'
import { isCron, isTimeZone } from '../../../config/config-file.js'
import { nextSlots } from '../../../schedules/slots.js'

export interface CronPreview {
  /** null: there is no way to say it in words. */
  readonly words: string | null
  /** The next few, soonest first. */
  readonly slots: readonly Date[]
  /** What is wrong; null: nothing is. */
  readonly problem: string | null
}

const slotsShown = 5

/** What a cron expression means and when it comes next on that wall. */
export function previewCron(cron: string, timeZone: string, now: Date): CronPreview {
  const nothing = { words: null, slots: [] }
  if (cron === '') return { ...nothing, problem: 'Say when: minute, hour, day of month, month, day of week.' }
  if (!isCron(cron)) {
    return { ...nothing, problem: `“${cron.slice(0, 60)}” is not a cron expression; 0 6 * * 1-5 is 6:00 on weekdays.` }
  }
  if (!isTimeZone(timeZone)) {
    return { ...nothing, problem: `“${timeZone.slice(0, 60)}” is not a time zone; write one such as Europe/Berlin.` }
  }
  const slots = nextSlots(cron, timeZone, now, slotsShown)
  return {
    words: cronInWords(cron),
    slots,
    problem: slots.length === 0 ? 'This time never comes.' : null,
  }
}

export function cronInWords(cron: string): string | null {
  try {
    return describeCron(cron, { use24HourTimeFormat: true })
  } catch {
    // Croner takes a little more than can be described here.
    return null
  }
}
