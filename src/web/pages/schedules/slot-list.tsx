import { distance } from '../parts.js'
import type { CronPreview } from './cron-words.js'

export function Preview({ preview, timeZone, now }: { preview: CronPreview; timeZone: string; now: Date }) {
  if (preview.problem !== null) return <p class="wrong">{preview.problem}</p>
  return (
    <>
      {preview.words === null ? null : (
        <p>
          <strong>{preview.words}</strong>, in {timeZone}
        </p>
      )}
      <SlotList slots={preview.slots} timeZone={timeZone} now={now} />
    </>
  )
}

export function SlotList({ slots, timeZone, now }: { slots: readonly Date[]; timeZone: string; now: Date }) {
  return (
    <ol class="cards">
      {slots.map((slot) => (
        <li class="row">
          <time class="number" datetime={slot.toISOString()}>
            {dayAndTime(slot, timeZone)}
          </time>
          <span class="soft small">{distance(slot, now)}</span>
        </li>
      ))}
    </ol>
  )
}

/** With the day of the week and, as it may change between two slots, the offset of the zone. */
function dayAndTime(slot: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'shortOffset',
  }).formatToParts(slot)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} (${part('timeZoneName')})`
}
