import type { Command } from 'commander'
import { z } from 'zod'
import type { LegReplay } from '../../agent/replay-leg.js'
import { readToolContent } from '../../agent/tool-content.js'
import { getRun } from '../../runs/find-runs.js'
import { legsOf } from '../../runs/journal.js'
import type { Run } from '../../runs/run.js'
import { isInDoubt, type RunStep, readSteps } from '../../runs/run-steps.js'
import type { Cli } from '../cli.js'
import { localTime } from '../terminal/local-time.js'
import { plainLines } from '../terminal/table.js'

export function registerReplay(runs: Command, cli: Cli): void {
  runs
    .command('replay')
    .description(
      'Show what a run did, step by step, and check its record by leading it again. Asks nobody, changes nothing.',
    )
    .argument('<id>', 'id of the run; `latest` is the newest')
    .addHelpText('after', '\nExample:\n  restock runs replay latest')
    .action(async (id: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const run = await getRun(ctx, id)
        const steps = await readSteps(ctx, run.id)
        const legs = legsOf(steps)
        const counted = new Set(legs.flatMap(({ entries }) => entries.map(keyOf)))
        const shown = steps.map((step) => toShownStep(step, counted))
        const { replayLeg } = await import('../../agent/replay-leg.js')
        const replays: LegReplay[] = []
        for (const leg of legs) replays.push(await replayLeg(run, leg))
        cli.answer(command, { run: { id: run.id, list: run.list, status: run.status }, steps: shown, replays }, () =>
          plainLines(describe(run, shown, replays)),
        )
        if (replays.some(({ difference }) => difference !== null)) cli.fail()
      })
    })
}

type Actor = 'model' | 'worker' | 'agent'

/** One step for people and programs to read. */
interface ShownStep {
  readonly attempt: number
  readonly step: number
  /** The conversation it belongs to, and its place there; null: none. */
  readonly leg: number | null
  readonly position: number | null
  readonly kind: RunStep['kind']
  readonly name: string
  readonly actor: Actor | null
  readonly server: string | null
  /** Short for what was asked: the same again has the same. */
  readonly digest: string | null
  /** What was new in the request: the arguments of a tool call, the last messages to a model. */
  readonly request: unknown
  readonly answer: unknown
  readonly error: string | null
  readonly isWrite: boolean
  /** It was announced, and nobody knows whether it was made. */
  readonly isInDoubt: boolean
  /** A later attempt went another way at or before this place. */
  readonly isSuperseded: boolean
  readonly inputTokens: number
  readonly outputTokens: number
  readonly startedAt: string
  readonly durationMs: number
}

const toolRequestSchema = z.object({
  server: z.string(),
  actor: z.enum(['agent', 'worker']),
  arguments: z.record(z.string(), z.unknown()),
})

const resultSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
})

function toShownStep(step: RunStep, counted: ReadonlySet<string>): ShownStep {
  const { journal, kind, name, error, isWrite, inputTokens, outputTokens } = step
  const call = kind === 'tool' ? toolRequestSchema.safeParse(step.request).data : undefined
  const result = kind === 'tool' ? resultSchema.safeParse(step.response).data : undefined
  return {
    attempt: step.epoch,
    step: step.step,
    leg: journal?.leg ?? null,
    position: journal?.position ?? null,
    kind,
    name,
    actor: kind === 'model' ? 'model' : (call?.actor ?? null),
    server: call?.server ?? null,
    digest: journal === null || journal.fingerprint === '' ? null : journal.fingerprint.slice(0, 12),
    request: call?.arguments ?? step.request,
    answer: result === undefined ? step.response : readToolContent(result),
    error,
    isWrite,
    isInDoubt: isInDoubt(step),
    isSuperseded: journal !== null && kind !== 'snapshot' && !counted.has(keyOf(step)),
    inputTokens,
    outputTokens,
    startedAt: step.startedAt.toISOString(),
    durationMs: Math.round(step.durationMs),
  }
}

function keyOf({ epoch, step }: RunStep): string {
  return `${epoch}.${step}`
}

function describe(run: Run, steps: readonly ShownStep[], replays: readonly LegReplay[]): string {
  if (steps.length === 0) {
    return `Run ${run.id} (${run.status}) has no recorded steps: it has not begun, or they were older than what is kept.`
  }
  const lines = [`Run ${run.id} of list ${run.list}: ${run.status}, ${run.epoch} attempts`]
  let attempt = 0
  for (const step of steps) {
    if (step.attempt !== attempt) {
      attempt = step.attempt
      lines.push('', `Attempt ${attempt}, ${localTime(new Date(step.startedAt))}`)
    }
    lines.push(...describeStep(step))
  }
  return [...lines, '', ...replays.map(describeReplay)].join('\n')
}

function describeStep(step: ShownStep): string[] {
  const digest = step.digest === null ? '' : `, asked ${step.digest}`
  const superseded = step.isSuperseded ? ', no part of the run any more' : ''
  const number = String(step.step).padStart(3)
  if (step.kind === 'snapshot') {
    const { items } = z
      .object({ items: z.array(z.unknown()) })
      .catch({ items: [] })
      .parse(step.answer)
    return [`${number}  ${step.name} begins on ${items.length} due items`]
  }
  const took = `${step.durationMs} ms`
  const result = step.isInDoubt
    ? ['     → no result: nobody knows whether this was done']
    : [`     → ${step.error === null ? shorten(step.answer) : `failed: ${step.error}`}`]
  if (step.kind === 'model') {
    const tokens = `${step.inputTokens} tokens in, ${step.outputTokens} out`
    const answer = step.error === null ? describeAnswer(step.answer) : result
    return [`${number}  ${step.name} is asked (${took}, ${tokens}${digest}${superseded})`, ...answer]
  }
  const by = step.actor === 'agent' ? '' : ' by the worker'
  return [
    `${number}  ${step.name} of ${step.server ?? '?'}${by} (${took}${digest}${superseded})`,
    `     ${shorten(step.request)}`,
    ...result,
  ]
}

const outputSchema = z.object({
  output: z.array(
    z.looseObject({
      type: z.string().optional(),
      name: z.string().optional(),
      arguments: z.string().optional(),
      content: z.unknown().optional(),
    }),
  ),
})

function describeAnswer(answer: unknown): string[] {
  const output = outputSchema.safeParse(answer).data?.output ?? []
  return output.map(({ type, name, arguments: args, content }) =>
    type === 'function_call' ? `     → calls ${name} ${shorten(args)}` : `     → says ${shorten(textOf(content))}`,
  )
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  const parts = z.array(z.looseObject({ text: z.string() })).safeParse(content).data ?? []
  return parts.map(({ text }) => text).join(' ')
}

const longest = 300

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const line = text.replace(/\s+/g, ' ')
  return line.length > longest ? `${[...line].slice(0, longest).join('')}… (${line.length} characters)` : line
}

function describeReplay({ leg, model, recorded, agreed, ended, difference }: LegReplay): string {
  const what = `Led again from its record, leg ${leg} (${model})`
  if (difference !== null) return `${what}: ${agreed} of ${recorded} calls agree; ${difference}.`
  const end = ended === 'open' ? 'there the record stops' : `it ends as ${ended.replaceAll('_', ' ')}`
  return `${what}: all ${recorded} calls agree; ${end}.`
}
