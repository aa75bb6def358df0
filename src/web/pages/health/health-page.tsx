import { DataTable } from '../data-table.js'
import { ActionButton } from '../form.js'
import { Badge, counted, distance, Empty, type Fact, Facts, Name } from '../parts.js'
import type { LiveHealth } from './health-queries.js'

export interface CheckedHealth {
  readonly at: Date
  readonly checks: readonly { readonly name: string; readonly isOk: boolean; readonly detail: string }[]
}

interface HealthProps {
  readonly live: LiveHealth
  /** null: nobody has asked since this process started. */
  readonly checked: CheckedHealth | null
  readonly mayCheck: boolean
  readonly now: Date
}

export function Health({ live, checked, mayCheck, now }: HealthProps) {
  return (
    <>
      <div class="head">
        <h1>Health</h1>
        <div class="actions">
          {mayCheck ? <ActionButton action="/health/check" text="Check everything now" /> : null}
        </div>
      </div>
      <div class="columns">
        <section class="card" aria-labelledby="now-title">
          <h2 id="now-title">Right now</h2>
          <Facts facts={liveFacts(live)} />
        </section>
        <section class="card" aria-labelledby="workers-title">
          <h2 id="workers-title">Workers</h2>
          {live.workers.length === 0 ? (
            <p>
              None: start one with <code>restock up</code> or <code>restock worker</code>.
            </p>
          ) : (
            <ul class="cards">
              {live.workers.map(({ host, pid, startedAt, isAlive }) => (
                <li class="row">
                  <Name text={host} />
                  <span class="soft small">process {pid}</span>
                  <Badge tone={isAlive ? 'good' : 'bad'}>{isAlive ? 'at work' : 'gone'}</Badge>
                  <span class="soft small last">started {distance(startedAt, now)}</span>
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
      <h2>All checks</h2>
      {checked === null ? (
        <Empty>
          {mayCheck ? (
            'Not checked yet. It takes a few seconds: MCP servers are started just as workers start them.'
          ) : (
            <>
              <code>restock doctor</code> checks everything that Restock needs.
            </>
          )}
        </Empty>
      ) : (
        <>
          <p class="soft">Checked {distance(checked.at, now)}.</p>
          <DataTable
            rows={checked.checks}
            label="Checks"
            columns={[
              { title: 'What', cell: ({ name }) => <Name text={name} /> },
              {
                title: 'State',
                cell: ({ isOk }) => <Badge tone={isOk ? 'good' : 'bad'}>{isOk ? 'ok' : 'problem'}</Badge>,
              },
              { title: 'More', cell: ({ detail }) => detail, kind: 'wide' },
            ]}
          />
        </>
      )}
    </>
  )
}

function liveFacts(live: LiveHealth): readonly Fact[] {
  const state = (isOk: boolean, text: string) => (
    <span class="row tight">
      <Badge tone={isOk ? 'good' : 'bad'}>{isOk ? 'ok' : 'problem'}</Badge>
      <span>{text}</span>
    </span>
  )
  const jobs = Object.entries(live.jobs ?? {})
  const failed = jobs.reduce((sum, [, counts]) => sum + (counts.failed ?? 0), 0)
  const waiting = jobs.reduce((sum, [, counts]) => sum + (counts.waiting ?? 0) + (counts.active ?? 0), 0)
  const where = live.queueBackend === 'redis' ? 'on Redis' : 'in the database'
  return [
    ['Database', state(true, `PostgreSQL ${live.databaseVersion}, answered in ${Math.ceil(live.databaseMs)} ms`)],
    [
      'Queue',
      live.jobs === null
        ? state(false, `${where}, does not answer`)
        : state(true, `${where}: ${counted(waiting, 'job')} to do, ${failed} failed`),
    ],
    [
      'Scheduler',
      live.overdueSlots === 0
        ? state(true, 'no slot is overdue')
        : state(false, `${counted(live.overdueSlots, 'slot')} overdue: start it with restock up or restock scheduler`),
    ],
    [
      'Stock',
      live.unsynced === 0
        ? state(true, 'has heard of every order')
        : state(live.unsynced < 100, `has not heard of ${counted(live.unsynced, 'order event')} yet`),
    ],
  ]
}
