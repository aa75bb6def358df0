/** The zone of the machine, in which commands show when things happened. */
export const machineTimeZone: string = new Intl.DateTimeFormat('en').resolvedOptions().timeZone

/** '2026-03-02 09:00' on the wall of a time zone; null stays null. */
export function localTime(instant: Date, timeZone?: string): string
export function localTime(instant: Date | null, timeZone?: string): string | null
export function localTime(instant: Date | null, timeZone: string = machineTimeZone): string | null {
  if (instant === null) return null
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(instant)
}

/** '2026-03-02 09:00 Europe/Berlin', where nothing beside it names the zone; null stays null. */
export function zonedTime(instant: Date, timeZone?: string): string
export function zonedTime(instant: Date | null, timeZone?: string): string | null
export function zonedTime(instant: Date | null, timeZone: string = machineTimeZone): string | null {
  return instant === null ? null : `${localTime(instant, timeZone)} ${timeZone}`
}
