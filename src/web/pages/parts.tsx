import type { Decision } from '../../runs/run.js'
import type { RunStatus } from '../../runs/tables.js'

type Tone = 'good' | 'warn' | 'bad' | ''

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

export function DecisionBadge({ decision, count }: { decision: Decision; count?: number }) {
  const words = inWords(decision)
  return <span class={`badge ${decisionTones[decision]}`}>{count === undefined ? words : `${count} ${words}`}</span>
}

export function RunBadge({ status }: { status: RunStatus }) {
  return <span class={`badge ${runTones[status]}`}>{status}</span>
}

export function OrderBadge({ status }: { status: string }) {
  const tone = badOrders.has(status) ? 'bad' : openOrders.has(status) ? 'warn' : 'good'
  return <span class={`badge ${tone}`}>{inWords(status)}</span>
}

function inWords(code: string): string {
  return code.replaceAll('_', ' ')
}

/** An instant on the wall of a time zone; the exact one is in the element for programs and on hovering. */
export function When({ at, timeZone }: { at: Date; timeZone: string }) {
  const iso = at.toISOString()
  // Swedish writes dates as ISO 8601 does.
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
  return (
    <time class="number" datetime={iso} title={`${iso} (${timeZone})`}>
      {local}
    </time>
  )
}
