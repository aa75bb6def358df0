import type { Schedule } from '../../../schedules/schedule.js'
import { Crumb } from '../crumb.js'
import { ActionButton } from '../form.js'
import { Empty, Facts, Name, RunBadge, When, withQuery } from '../parts.js'
import type { RunSummary } from '../runs/run-list-queries.js'
import type { CronPreview } from './cron-words.js'
import { PauseButton, ScheduleBadge } from './schedules-page.js'
import { SlotList } from './slot-list.js'

interface SchedulePageProps {
  readonly schedule: Schedule
  readonly preview: CronPreview
  readonly runs: readonly RunSummary[]
  readonly now: Date
}

const misfires = {
  run_once: 'run once for all of them',
  skip: 'left out',
  run_all: 'each of them is run',
} as const

export function SchedulePage({ schedule, preview, runs, now }: SchedulePageProps) {
  const { name, timeZone } = schedule
  const path = `/schedules/${encodeURIComponent(name)}`
  const when = (at: Date | null) => (at === null ? null : <When at={at} timeZone={timeZone} />)
  return (
    <>
      <Crumb href="/schedules">Schedules</Crumb>
      <div class="head">
        <h1>{name}</h1>
        <ScheduleBadge schedule={schedule} />
        <div class="actions">
          <ActionButton action={`${path}/run`} text="Run now" />
          <PauseButton schedule={schedule} />
          {schedule.source === 'person' ? (
            <a class="button secondary" href={`${path}/edit`}>
              Edit
            </a>
          ) : null}
        </div>
      </div>
      {schedule.pausedReason === null ? null : <p class="notice">{schedule.pausedReason}</p>}
      {schedule.source === 'person' ? null : (
        <p class="soft">It comes from the configuration file and is changed there; pausing works here as well.</p>
      )}
      <div class="columns">
        <section class="card" aria-labelledby="facts-title">
          <h2 id="facts-title">What it does</h2>
          <Facts
            facts={[
              ['When', preview.words],
              ['Cron', <code>{schedule.cron}</code>],
              ['Time zone', timeZone],
              [
                'List',
                <a href={withQuery('/items', { list: schedule.list })}>
                  <Name text={schedule.list} />
                </a>,
              ],
              ['Instructions', schedule.instructions],
              ['Missed slots', schedule.missedSlots],
              ['Last slot', when(schedule.lastSlot)],
              ['Paused since', when(schedule.pausedAt)],
              ['Slots nobody was there for', misfires[schedule.misfire]],
              ['A slot during a run', schedule.overlap === 'skip' ? 'is left out' : 'waits for it'],
              schedule.pauseAfterFailures === null
                ? null
                : ['Pauses after', `${schedule.pauseAfterFailures} failures in a row`],
            ]}
          />
        </section>
        <section class="card" aria-labelledby="next-title">
          <h2 id="next-title">Next five times</h2>
          {schedule.pausedAt !== null ? (
            <p>It is paused: nothing runs until it is resumed.</p>
          ) : (
            <SlotList slots={preview.slots} timeZone={timeZone} now={now} />
          )}
          {schedule.nextSlot === null ? null : (
            <ActionButton
              action={`${path}/run`}
              text="Run now instead of the next one"
              kind="secondary"
              fields={{ instead: 'yes' }}
            />
          )}
        </section>
      </div>
      <h2>Its runs</h2>
      {runs.length === 0 ? (
        <Empty>It has not run yet.</Empty>
      ) : (
        <ul class="cards">
          {runs.slice(0, 8).map((run) => (
            <li class="row">
              <a href={`/runs/${encodeURIComponent(run.id)}`}>
                <When at={run.slot ?? run.createdAt} timeZone={timeZone} />
              </a>
              <RunBadge status={run.status} />
              <span class="soft small">{run.trigger === 'schedule' ? 'by schedule' : 'by hand'}</span>
              {run.error === null ? null : <span class="wrong clamp">{run.error}</span>}
            </li>
          ))}
          <li>
            <a href={withQuery('/runs', { schedule: name })}>All its runs</a>
          </li>
        </ul>
      )}
      {schedule.source === 'file' ? null : (
        <details>
          <summary>Remove it</summary>
          <p>Its runs stay.</p>
          <ActionButton action={`${path}/remove`} text="Remove the schedule" kind="danger" />
        </details>
      )}
    </>
  )
}
