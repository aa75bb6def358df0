// Making a formatter costs far more than using it, and a process sees few time zones.
const formatters = new Map<string, Intl.DateTimeFormat>()

/** The date that the calendar on the wall shows at this instant. */
export function localDate(instant: Date, timeZone: string): string {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formatters.set(timeZone, formatter)
  }
  const parts = new Map(formatter.formatToParts(instant).map((part) => [part.type, part.value]))
  return `${(parts.get('year') ?? '').padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}
