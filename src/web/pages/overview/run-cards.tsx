import type { Child } from 'hono/jsx'
import type { OverviewFacts } from '../../../overview/read-overview.js'
import { countDecisions } from '../../../runs/count-decisions.js'
import type { ListView } from '../../../stock/lists.js'
import { namesOf, zonesOf } from '../lists.js'
import { DecisionBadge, distance, Name, RunBadge, When } from '../parts.js'

export function NextRuns({ facts, lists, now }: { facts: OverviewFacts; lists: readonly ListView[]; now: Date }) {
  const name = namesOf(lists)
  const coming = facts.schedules
    .flatMap((schedule) => (schedule.nextSlot === null ? [] : [{ schedule, at: schedule.nextSlot }]))
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, 5)
  return (
    <section class="card" aria-labelledby="next-title">
      <h2 id="next-title">Next runs</h2>
      {facts.atWork.map((run) => (
        <Line
          link={
            <a href={`/runs/${run.id}`}>
              <Name text={name(run.list)} />
            </a>
          }
          badge={<RunBadge status={run.status} />}
          text={run.dryRun ? 'dry run' : run.trigger === 'schedule' ? 'by schedule' : 'by hand'}
          last={distance(run.startedAt ?? run.createdAt, now)}
        />
      ))}
      {coming.map(({ schedule, at }) => (
        <Line
          link={<a href={`/schedules/${schedule.name}`}>{schedule.name}</a>}
          badge={null}
          text={<When at={at} timeZone={schedule.timeZone} />}
          last={distance(at, now)}
        />
      ))}
      {coming.length === 0 && facts.atWork.length === 0 ? (
        <p>
          No run is planned. <a href="/schedules/new">Make a schedule</a> to restock by itself.
        </p>
      ) : null}
    </section>
  )
}

function Line({ link, badge, text, last }: { link: Child; badge: Child; text: Child; last: string }) {
  return (
    <p class="row">
      {link}
      {badge}
      <span class="soft small">{text}</span>
      <span class="small last">{last}</span>
    </p>
  )
}

export function LastRuns({ facts, lists }: { facts: OverviewFacts; lists: readonly ListView[] }) {
  const zone = zonesOf(lists)
  const name = namesOf(lists)
  return (
    <section class="card" aria-labelledby="last-title">
      <h2 id="last-title">Last outcomes</h2>
      {facts.last.length === 0 ? <p>No run has ended yet.</p> : null}
      <ul class="cards">
        {facts.last.slice(0, 8).map((run) => (
          <li class="row">
            <a href={`/runs/${run.id}`}>
              <Name text={name(run.list)} />
            </a>
            {run.status === 'failed' ? <RunBadge status={run.status} /> : null}
            {run.dryRun ? <span class="badge">dry run</span> : null}
            {countDecisions(run.outcome?.items ?? []).map(([decision, count]) => (
              <DecisionBadge decision={decision} count={count} />
            ))}
            {run.outcome?.items.length === 0 ? <span class="soft">nothing was due</span> : null}
            <span class="soft small last">
              <When at={run.finishedAt ?? run.createdAt} timeZone={zone(run.list)} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
