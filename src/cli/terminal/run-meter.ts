import type { Clock } from '../../platform/context.js'
import { counted } from '../../platform/counted.js'
import type { Run } from '../../runs/run.js'
import type { RunStep } from '../../runs/run-steps.js'

/** How far a run has come, in one line that is true whenever it is asked for. */
export interface RunMeter {
  readonly looked: (run: Run, steps: readonly RunStep[]) => void
  readonly text: () => string
}

export function createRunMeter(clock: Clock): RunMeter {
  let seen: { readonly run: Run; readonly modelCalls: number; readonly tokens: number; readonly steps: number } | null =
    null
  return {
    looked: (run, steps) => {
      seen = {
        run,
        modelCalls: steps.filter(({ kind }) => kind === 'model').length,
        tokens: steps.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
        steps: steps.filter(({ kind }) => kind === 'tool').length,
      }
    },
    text: () => {
      if (seen === null) return 'Looking for the run…'
      const { run, modelCalls, tokens, steps } = seen
      const since = run.startedAt ?? run.createdAt
      const seconds = Math.max(0, Math.floor((clock.now().getTime() - since.getTime()) / 1_000))
      const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
      if (run.status === 'pending') return `Run ${run.id} waits for a worker, ${time}`
      const done = `${counted(modelCalls, 'model call')}, ${counted(tokens, 'token')}, ${counted(steps, 'tool call')}`
      return `Run ${run.id}: ${time}, ${done}`
    },
  }
}
