import type { RunStep } from '../../../runs/run-steps.js'
import { isInDoubt } from '../../../runs/run-steps.js'
import { Badge, counted } from '../parts.js'

/** More of a call than this is on a page of its own. */
const shownLength = 4_000

/** Everything that a run did, in the order in which it did it. */
export function Steps({ runId, steps, started }: { runId: string; steps: readonly RunStep[]; started: Date | null }) {
  const attempts = new Set(steps.map(({ epoch }) => epoch)).size
  return (
    <ol class="steps">
      {steps.map((step, index) => (
        <li class={step.error !== null || isInDoubt(step) ? 'bad' : step.kind === 'model' ? undefined : 'dull'}>
          <div class="row">
            <strong>
              {stepTitle(step)} <code>{step.name}</code>
            </strong>
            {step.isWrite ? <Badge tone="warn">changes something</Badge> : null}
            {step.error === null ? null : <Badge tone="bad">failed</Badge>}
            {isInDoubt(step) ? <Badge tone="bad">nobody knows whether it was done</Badge> : null}
            {attempts > 1 ? <span class="soft small">attempt {step.epoch}</span> : null}
            <span class="soft small last number">{measures(step, started)}</span>
          </div>
          {step.error === null ? null : <p class="wrong">{step.error}</p>}
          <StepBody runId={runId} step={step} index={index} />
        </li>
      ))}
    </ol>
  )
}

export function stepTitle({ kind }: RunStep): string {
  return kind === 'model' ? 'Asked the model' : kind === 'tool' ? 'Called' : 'Began with'
}

export function measures(step: RunStep, started: Date | null): string {
  const parts = [
    ...(started === null ? [] : [`+${((step.startedAt.getTime() - started.getTime()) / 1_000).toFixed(2)} s`]),
    `took ${duration(step.durationMs)}`,
    ...(step.inputTokens + step.outputTokens === 0
      ? []
      : [`${step.inputTokens} + ${counted(step.outputTokens, 'token')}`]),
  ]
  return parts.join(' · ')
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function StepBody({ runId, step, index }: { runId: string; step: RunStep; index: number }) {
  const replay = `/runs/${encodeURIComponent(runId)}/replay?step=${index + 1}`
  return (
    <>
      <Json id={`step-${index}-asked`} title={askedTitle(step)} value={askedOf(step)} more={replay} />
      {step.response === null ? null : (
        <Json id={`step-${index}-answer`} title={answerTitle(step)} value={step.response} more={replay} />
      )}
    </>
  )
}

export function askedTitle({ kind }: RunStep): string {
  return kind === 'model' ? 'What it was asked' : 'Arguments'
}

export function answerTitle({ kind }: RunStep): string {
  return kind === 'model' ? 'Its answer' : kind === 'tool' ? 'Result' : 'What was due'
}

/** Of a tool call, what was given to the tool; who called is plain from the rest. */
export function askedOf({ kind, request }: RunStep): unknown {
  const isCall = kind === 'tool' && typeof request === 'object' && request !== null && 'arguments' in request
  return isCall ? request.arguments : request
}

function Json({ id, title, value, more }: { id: string; title: string; value: unknown; more: string }) {
  if (value === null || value === undefined) return null
  const text = pretty(value)
  if (text === '{}' || text === '[]') return null
  const isCut = text.length > shownLength
  return (
    <details id={id}>
      <summary class="small">{title}</summary>
      <pre>{isCut ? `${text.slice(0, shownLength)} …` : text}</pre>
      {isCut ? (
        <p class="small">
          <a href={more}>All {counted(text.length, 'character')}</a>
        </p>
      ) : null}
    </details>
  )
}

export function pretty(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
