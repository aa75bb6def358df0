import type { Child } from 'hono/jsx'
import type { Decision } from '../../runs/run.js'
import type { RunStatus } from '../../runs/tables.js'

export { counted } from '../../platform/counted.js'
export { distance } from '../../platform/time-distance.js'

export type Tone = 'good' | 'warn' | 'bad' | ''

const decisionTones: Readonly<Record<Decision, Tone>> = {
  ordered: 'good',
  pending_approval: 'warn',
  refused: 'bad',
  skipped: '',
  needs_attention: 'warn',
  unknown: 'bad',
}

const runTones: Readonly<Record<RunStatus, Tone>> = {
  pending: '',
  running: 'warn',
  completed: 'good',
  failed: 'bad',
  skipped: '',
}

const badOrders: ReadonlySet<string> = new Set(['unknown', 'rejected'])
const openOrders: ReadonlySet<string> = new Set(['awaiting_approval', 'approved', 'submitting', 'partially_received'])
const endedOrders: ReadonlySet<string> = new Set(['declined', 'expired', 'cancelled', 'closed_short'])

export function Badge({ tone, children }: { tone: Tone; children?: Child }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

export function DecisionBadge({ decision, count }: { decision: Decision; count?: number }) {
  const words = count !== undefined && count > 1 ? inWords(decision).replace('needs', 'need') : inWords(decision)
  return <Badge tone={decisionTones[decision] ?? ''}>{count === undefined ? words : `${count} ${words}`}</Badge>
}

export function RunBadge({ status }: { status: RunStatus }) {
  return <Badge tone={runTones[status]}>{status}</Badge>
}

export function OrderBadge({ status }: { status: string }) {
  const tone = badOrders.has(status) ? 'bad' : openOrders.has(status) ? 'warn' : endedOrders.has(status) ? '' : 'good'
  return <Badge tone={tone}>{inWords(status)}</Badge>
}

export function inWords(code: string): string {
  return code.replaceAll('_', ' ')
}

/** A name that somebody else chose: its direction of writing stays its own affair. */
export function Name({ text }: { text: string }) {
  return <bdi>{text}</bdi>
}

/** An instant on the wall of a time zone; the exact one is in the element for programs and on hovering. */
export function When({ at, timeZone }: { at: Date; timeZone: string }) {
  const iso = at.toISOString()
  return (
    <time class="number" datetime={iso} title={`${iso} (${timeZone})`}>
      {localTime(at, timeZone)}
    </time>
  )
}

/** The day of an instant that nobody knows to the minute. */
export function Day({ at, timeZone }: { at: Date; timeZone: string }) {
  return (
    <time class="number" datetime={at.toISOString()} title={timeZone}>
      {localTime(at, timeZone).slice(0, 10)}
    </time>
  )
}

export function localTime(at: Date, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return formatter(timeZone).format(at)
}

// Making one takes longer than all else on a page with a hundred of them.
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(timeZone: string): Intl.DateTimeFormat {
  let found = formatters.get(timeZone)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    formatters.set(timeZone, found)
  }
  return found
}

export function Empty({ children }: { children?: Child }) {
  return <div class="empty">{children}</div>
}

export type Fact = readonly [label: string, value: Child] | null

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map((fact) =>
        fact === null || fact[1] === null ? null : (
          <>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </>
        ),
      )}
    </dl>
  )
}

export interface Tab {
  readonly href: string
  readonly text: string
  readonly isChosen: boolean
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label}>
      <ul class="tabs">
        {tabs.map(({ href, text, isChosen }) => (
          <li>
            <a href={href} aria-current={isChosen ? 'page' : undefined}>
              <Name text={text} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** A path with what is set of the query. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | null | undefined>>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Links onwards and back to the start; nothing where there is only one page. */
export function Pager({ first, next, text }: { first: string | null; next: string | null; text?: string }) {
  if (first === null && next === null) return null
  return (
    <nav class="pager" aria-label="Pages">
      {first === null ? null : (
        <a class="button secondary" href={first}>
          First page
        </a>
      )}
      {next === null ? null : (
        <a class="button secondary" href={next} rel="next">
          Next page
        </a>
      )}
      {text === undefined ? null : <span class="soft small">{text}</span>}
    </nav>
  )
}
