import { isInDoubt } from '../../../runs/run-steps.js'
import { Crumb } from '../crumb.js'
import { Empty, Name } from '../parts.js'
import type { RunFacts } from './run-queries.js'
import { answerTitle, askedOf, askedTitle, measures, pretty, stepTitle } from './steps.js'

/** One step of a run at a time, whole, to be walked through as it happened. */
export function Replay({ facts, at }: { facts: RunFacts; at: number }) {
  const { run, steps } = facts
  const path = `/runs/${encodeURIComponent(run.id)}`
  const place = Math.min(Math.max(1, at), steps.length)
  const step = steps[place - 1]
  const link = (to: number) => `${path}/replay?step=${to}`
  return (
    <>
      <Crumb href={path}>
        Run of <Name text={run.list} />
      </Crumb>
      <div class="head">
        <h1>
          Replay, step {place} of {steps.length}
        </h1>
        <nav class="actions" aria-label="Steps">
          {place > 1 ? (
            <a class="button secondary" href={link(place - 1)} rel="prev">
              Step before
            </a>
          ) : null}
          {place < steps.length ? (
            <a class="button" href={link(place + 1)} rel="next">
              Next step
            </a>
          ) : null}
        </nav>
      </div>
      {step === undefined ? (
        <Empty>No steps are kept of this run.</Empty>
      ) : (
        <>
          <progress value={place} max={steps.length} aria-label="How far into the run this is" />
          <p class="row">
            <strong>
              {stepTitle(step)} <code>{step.name}</code>
            </strong>
            <span class="soft small number">{measures(step, run.startedAt)}</span>
          </p>
          {step.error === null ? null : <p class="notice">{step.error}</p>}
          {isInDoubt(step) ? <p class="notice">Nobody knows whether it was done: no answer was recorded.</p> : null}
          <h2>{askedTitle(step)}</h2>
          <pre>{pretty(askedOf(step))}</pre>
          {step.response === null ? null : (
            <>
              <h2>{answerTitle(step)}</h2>
              <pre>{pretty(step.response)}</pre>
            </>
          )}
        </>
      )}
    </>
  )
}
