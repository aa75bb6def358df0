import type { Model } from '@openai/agents'
import { z } from 'zod'
import { createClock } from '../platform/context.js'
import type { JournalLeg } from '../runs/journal.js'
import type { Run } from '../runs/run.js'
import { LegJournal } from './leg-journal.js'
import type { McpTool } from './mcp-servers.js'
import { StepRecorder } from './recorder.js'
import { type AgentEnd, maxTurns, runAgent } from './run-agent.js'
import { agentServers, type RunIdentity, type ToolSource } from './run-tools.js'

/** How a leg's record holds when its conversation is led again from nothing else. */
export interface LegReplay {
  readonly leg: number
  readonly model: string
  /** Recorded calls, and how many of them were asked for again, in order and to the letter. */
  readonly recorded: number
  readonly agreed: number
  /** How it ends; `open`: the record stops before the conversation does, as an interrupted one's must. */
  readonly ended: AgentEnd | 'open'
  /** What is wrong with the record; null: nothing. */
  readonly difference: string | null
}

/** The conversation has left its record: something would have to be asked, and here nobody is. */
class EndOfRecord extends Error {}

const begunSchema = z.object({
  instructions: z.string().nullable(),
  // Listed by the servers and recorded by us; the SDK reads them again.
  tools: z.array(z.tuple([z.string(), z.array(z.custom<McpTool>((tool) => typeof tool === 'object'))])),
})

/**
 * Leads a conversation again with every model and tool answer taken from its journal, through the same code as a live one.
 * Asks nobody, records nothing. A record that was written by another version may differ: prompts and tools change.
 */
export async function replayLeg(run: Run, leg: JournalLeg): Promise<LegReplay> {
  const outcome = (agreed: number, ended: LegReplay['ended'], difference: string | null): LegReplay => ({
    leg: leg.leg,
    model: leg.model,
    recorded: leg.entries.length,
    agreed,
    ended,
    difference,
  })
  const begun = begunSchema.safeParse(leg.begun).data
  if (begun === undefined) return outcome(0, 'open', 'the record does not say what the model was told and offered')

  const clock = createClock()
  const refuse = () => Promise.reject(new EndOfRecord('the record ends here'))
  const recorder = new StepRecorder({ clock, recordStep: refuse, finishStep: refuse, assertHeld: refuse })
  const journal = new LegJournal(leg.leg, leg.entries, { isStrict: true })
  const sources = begun.tools.map(
    ([name, tools]): ToolSource => ({
      name,
      config: { name, tools: tools.map((tool) => tool.name) },
      open: async () => tools,
      call: refuse,
    }),
  )
  const silent: Model = {
    getResponse: refuse,
    getStreamedResponse: () => {
      throw new EndOfRecord('the record ends here')
    },
  }
  // The filter for dry runs was passed when the tools were recorded.
  const context = { run: run.id, list: run.list, epoch: run.epoch, dryRun: false }
  const identity: RunIdentity = { context, secret: '', clock }
  try {
    const result = await runAgent({
      model: { name: leg.model, model: silent, followsInstructions: begun.instructions !== null },
      servers: await agentServers(sources, identity, { recorder, journal }),
      snapshot: leg.snapshot,
      instructions: begun.instructions,
      dryRun: run.dryRun,
      limits: {
        maxTurns,
        maxTokens: Number.POSITIVE_INFINITY,
        timeoutMs: 60_000,
        modelTimeoutMs: 60_000,
      },
      recorder,
      journal,
      signal: new AbortController().signal,
    })
    if (result.ended === 'diverged') {
      const at = leg.entries[journal.passed]
      const what = at === undefined ? 'the end' : `step ${at.step} of attempt ${at.epoch} (${at.name})`
      return outcome(journal.passed, 'open', `what is asked differs from what was recorded at ${what}`)
    }
    const rest = leg.entries.length - journal.passed
    const left = rest === 0 ? null : `${rest} recorded calls are not asked for`
    return outcome(journal.passed, result.ended, left)
  } catch (error) {
    if (error instanceof EndOfRecord) return outcome(Math.min(journal.passed, leg.entries.length), 'open', null)
    throw error
  }
}
