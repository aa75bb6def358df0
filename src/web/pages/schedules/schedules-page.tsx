import type { Schedule } from '../../../schedules/schedule.js'
import { ActionButton } from '../form.js'
import { Badge, counted, distance, Empty, Name, When } from '../parts.js'
import { cronInWords } from './cron-words.js'

export function Schedules({ schedules, now }: { schedules: readonly Schedule[]; now: Date }) {
  return (
    <>
      <div class="head">
        <h1>Schedules</h1>
        <div class="actions">
          <a class="button" href="/schedules/new">
            Make a schedule
          </a>
        </div>
      </div>
      {schedules.length === 0 ? (
        <Empty>
          <p>
            There are no schedules yet. <a href="/schedules/new">Make one</a>, and its list is restocked by itself.
          </p>
        </Empty>
      ) : (
        <ul class="cards">
          {schedules.map((schedule) => (
            <li class="card">
              <ScheduleRow schedule={schedule} now={now} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function ScheduleRow({ schedule, now }: { schedule: Schedule; now: Date }) {
  const { name, list, cron, timeZone, nextSlot, missedSlots } = schedule
  const path = `/schedules/${encodeURIComponent(name)}`
  return (
    <>
      <div class="row">
        <h2>
          <a href={path}>{name}</a>
        </h2>
        <ScheduleBadge schedule={schedule} />
        {missedSlots === 0 ? null : <Badge tone="warn">{counted(missedSlots, 'missed slot')}</Badge>}
        <span class="last actions">
          <ActionButton action={`${path}/run`} text="Run now" kind="secondary" label={`Run now: ${name}`} />
          <PauseButton schedule={schedule} />
        </span>
      </div>
      <p>
        {cronInWords(cron) ?? <code>{cron}</code>}{' '}
        <span class="soft small">
          ({timeZone}), restocks <Name text={list} />
        </span>
      </p>
      {nextSlot === null ? null : (
        <p class="small">
          Next: <When at={nextSlot} timeZone={timeZone} /> ({distance(nextSlot, now)})
        </p>
      )}
      {schedule.pausedReason === null ? null : <p class="wrong">{schedule.pausedReason}</p>}
    </>
  )
}

export function ScheduleBadge({ schedule }: { schedule: Schedule }) {
  return schedule.pausedAt === null ? <Badge tone="good">on</Badge> : <Badge tone="warn">paused</Badge>
}

export function PauseButton({ schedule: { name, pausedAt } }: { schedule: Schedule }) {
  const path = `/schedules/${encodeURIComponent(name)}`
  return pausedAt === null ? (
    <ActionButton action={`${path}/pause`} text="Pause" kind="secondary" label={`Pause: ${name}`} />
  ) : (
    <ActionButton action={`${path}/resume`} text="Resume" label={`Resume: ${name}`} />
  )
}
