import { z } from 'zod'
import { toolFingerprint } from './fingerprint.js'
import type { LegJournal } from './leg-journal.js'
import type { Measured, StepRecorder } from './recorder.js'
import type { ToolResult } from './tool-content.js'
import { ToolCallFailure } from './tool-failures.js'

export interface ToolCall {
  readonly name: string
  readonly server: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** The worker's own calls: recorded, never answered from the journal, since they ask how things are now. */
export async function recordWorkerTool(
  recorder: StepRecorder,
  call: ToolCall,
  work: () => Promise<ToolResult>,
): Promise<ToolResult> {
  return toToolResult(await recorder.around(describe(call, 'worker'), async () => measure(await work())))
}

/** What the record must know about a tool that the agent calls. */
export interface ToolTraits {
  /** It may change something. */
  readonly isWrite: boolean
  /** The same call again, with the same arguments, has no further effect: its server sees to that. */
  readonly isRepeatable: boolean
}

/**
 * The tools' seam for the agent. A call that an earlier attempt made is answered from the journal. A write is recorded before
 * it is made; one that was recorded and has no result may have been made or not: it goes out again where its server makes
 * nothing twice, and nowhere else.
 */
export async function recordAgentTool(
  { recorder, journal }: { readonly recorder: StepRecorder; readonly journal: LegJournal },
  call: ToolCall,
  traits: ToolTraits,
  work: () => Promise<ToolResult>,
): Promise<ToolResult> {
  const send = async (): Promise<Measured> => {
    try {
      return measure(await work())
    } catch (error) {
      throw new ToolCallFailure(call.name, traits.isWrite, error)
    }
  }
  const fingerprint = toolFingerprint(call.server, call.name, call.arguments)
  const taken = journal.takeTool(fingerprint, traits)
  const described = describe(call, 'agent')
  switch (taken?.kind) {
    case undefined: {
      const placed = { ...described, journal: journal.nextPlace(fingerprint) }
      return toToolResult(await (traits.isWrite ? recorder.aroundWrite(placed, send) : recorder.around(placed, send)))
    }
    case 'recorded': {
      const { entry } = taken
      if (entry.error !== null) throw new ToolCallFailure(call.name, traits.isWrite, entry.error)
      return toToolResult(entry.response)
    }
    case 'retry': {
      const { entry } = taken
      const placed = {
        ...described,
        journal: (outcome: Parameters<LegJournal['replaced']>[1]) => journal.replaced(entry, outcome) ?? undefined,
      }
      return toToolResult(await recorder.around(placed, send))
    }
    case 'in_doubt': {
      const again = traits.isRepeatable
        ? send
        : async () => {
            throw new ToolCallFailure(
              call.name,
              true,
              'it may have been made before the run was interrupted, and is not made again',
            )
          }
      return toToolResult(await recorder.aroundWrite({ ...described, journal: null }, again, taken.entry))
    }
  }
}

function describe({ name, server, arguments: args }: ToolCall, actor: 'agent' | 'worker') {
  return { kind: 'tool' as const, name, request: { server, actor, arguments: args }, journal: null }
}

/** The text is a copy of the structured content for clients that don't know it; one of them is enough to keep. */
function measure({ content, structuredContent, isError }: ToolResult): Measured {
  if (isError === true)
    return { response: { content, ...(structuredContent === undefined ? {} : { structuredContent }), isError } }
  return { response: structuredContent === undefined ? { content } : { structuredContent } }
}

const recordedSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })).optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
})

function toToolResult(recorded: unknown): ToolResult {
  const { content, ...rest } = recordedSchema.parse(recorded)
  return { content: content ?? [{ type: 'text', text: JSON.stringify(rest.structuredContent ?? null) }], ...rest }
}
