/** What `place_order` answers, and stores with the quote so that the same call gets the same answer. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Caller } from '../../platform/run-context.js'

const messageSchema = z.object({
  code: z.string(),
  severity: z.enum(['recoverable', 'needs_human', 'final']),
  text: z.string(),
})

export const placementSchema = z.object({
  /** One for each supplier of the quote. */
  results: z.array(
    z.object({
      supplierId: z.string(),
      supplier: z.string(),
      /** null: refused. */
      orderId: z.string().nullable(),
      outcome: z.enum(['accepted', 'pending_approval', 'refused']),
      totalMinor: z.number(),
      currency: z.string(),
      itemIds: z.array(z.string()),
      /** Why it was refused or has to wait. */
      messages: z.array(messageSchema),
    }),
  ),
  /** Signed proof of what was accepted or waits for approval; null: nothing was. */
  receipt: z.string().nullable(),
})

export type StoredPlacement = z.infer<typeof placementSchema>
export type PlacementResult = StoredPlacement['results'][number]

export interface Placement extends StoredPlacement {
  /** True: the quote had been placed by this very call before; nothing was done now. */
  readonly replayed: boolean
  /** True: a dry run. The results say what would become of each order; nothing was ordered or reserved. */
  readonly isRehearsal: boolean
}

/** One line of readable text: what models and people write differs in white space without meaning it. */
export function normalizeRationale(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Postgres can't store NUL, and the others mean nothing here.
  return text.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim()
}

/** Tells a repeated call from another one for the same quote. The epoch is no part of it: a new claim repeats what the old one did. */
export function fingerprintOf(quoteId: string, caller: Caller, rationale: string): string {
  const who = caller.kind === 'run' ? ['run', caller.run] : ['person']
  return createHash('sha256')
    .update(JSON.stringify([quoteId, who, rationale]))
    .digest('hex')
}
