import { z } from 'zod'
import { storableText } from '../platform/plain-text.js'

/** What the model says at the end, in its own words: commentary, until facts bear it out. */
export interface Answer {
  readonly summary: string
  /** Items it left out on purpose. */
  readonly skipped: readonly { readonly itemId: string; readonly reason: string }[]
  /** Items it says it ordered. */
  readonly ordered: readonly string[]
}

const maxSummary = 2_000
const maxReason = 300

const entrySchema = z.object({ item_id: z.string(), reason: z.string().catch('no reason given') })

/** One wrong entry costs that entry, not the answer. */
const lenientList = <T>(schema: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((entries) => entries.flatMap((entry) => schema.safeParse(entry).data ?? []))

const answerSchema = z.object({
  summary: z.string().catch(''),
  skipped: lenientList(entrySchema),
  ordered: lenientList(z.string()),
})

/** Reads the final message, JSON or not, fenced or not. Never fails: text that is no JSON object is the summary. */
export function readAnswer(text: string): Answer {
  const parsed = answerSchema.safeParse(parseObject(text))
  if (!parsed.success) return { summary: cut(text, maxSummary), skipped: [], ordered: [] }
  const { summary, skipped, ordered } = parsed.data
  return {
    summary: cut(summary, maxSummary),
    skipped: skipped.map((entry) => ({ itemId: entry.item_id, reason: cut(entry.reason, maxReason) })),
    ordered,
  }
}

/** The outermost `{…}` of the text, or null. Models like to wrap JSON in a fence or a polite sentence. */
function parseObject(text: string): unknown {
  const start = text.indexOf('{')
  const end = text.lastIndexOf('}')
  if (start === -1 || end < start) return null
  try {
    return JSON.parse(text.slice(start, end + 1))
  } catch {
    return null
  }
}

/** By characters as people count them: half a pair of surrogates is no text. */
function cut(text: string, length: number): string {
  return storableText([...text.trim()].slice(0, length).join(''))
}
