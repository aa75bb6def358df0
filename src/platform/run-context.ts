import { z } from 'zod'
import { isSignatureValid, sign } from './signing.js'

/** Where the worker's word on "which run is calling" travels in an MCP request's `_meta`. */
export const runContextKey = 'restock/run'

const signedRunContextSchema = z.object({
  run: z.string().min(1).max(64),
  list: z.string().min(1).max(64),
  epoch: z.int().min(0),
  dry_run: z.boolean(),
  actor: z.enum(['worker', 'agent']),
  expires_at: z.iso.datetime(),
  signature: z.string().max(128),
})

export type SignedRunContext = z.infer<typeof signedRunContextSchema>

export interface RunContext {
  readonly run: string
  readonly list: string
  readonly epoch: number
  readonly dryRun: boolean
  /** `agent`: the model chose to make this call. It may not use the worker's own tools, whatever it is offered by mistake. */
  readonly actor?: 'worker' | 'agent'
}

/** Who calls a tool: a run of ours (proved by the signature) or a person's MCP client (no context at all). */
export type Caller = ({ readonly kind: 'run' } & RunContext) | { readonly kind: 'person' }

/** The context under which the worker carries order events from ordering to the list; good for nothing else. */
export const syncContext: RunContext = { run: 'sync', list: '*', epoch: 0, dryRun: false }

const purpose = 'restock/run v1'

function signedText(context: Omit<SignedRunContext, 'signature'>): string {
  return JSON.stringify([context.run, context.list, context.epoch, context.dry_run, context.actor, context.expires_at])
}

export function signRunContext(secret: string, context: RunContext, expiresAt: Date): SignedRunContext {
  const unsigned = {
    run: context.run,
    list: context.list,
    epoch: context.epoch,
    dry_run: context.dryRun,
    actor: context.actor ?? 'worker',
    expires_at: expiresAt.toISOString(),
  }
  return { ...unsigned, signature: sign(secret, purpose, signedText(unsigned)) }
}

/**
 * Reads the run context from a request's `_meta`. No context means a person's client. One that is malformed, forged or
 * expired is `invalid`, never a person: a caller that claims to be a run and can't prove it gets nothing.
 */
export function readCaller(
  secret: string,
  meta: Readonly<Record<string, unknown>> | undefined,
  now: Date,
): Caller | 'invalid' {
  const raw = meta?.[runContextKey]
  if (raw === undefined) return { kind: 'person' }
  const parsed = signedRunContextSchema.safeParse(raw)
  if (!parsed.success) return 'invalid'
  const { signature, ...unsigned } = parsed.data
  if (!isSignatureValid(secret, purpose, signedText(unsigned), signature)) return 'invalid'
  if (new Date(unsigned.expires_at) <= now) return 'invalid'
  return {
    kind: 'run',
    run: unsigned.run,
    list: unsigned.list,
    epoch: unsigned.epoch,
    dryRun: unsigned.dry_run,
    actor: unsigned.actor,
  }
}
