import { z } from 'zod'
import { isSignatureValid, sign } from './signing.js'

/** Where the worker's word on "which run is calling" travels in an MCP request's `_meta`. */
export const runContextKey = 'restock/run'

/** In a tool's own `_meta`: called in a dry run's name, it writes nothing and answers what would become of it. */
export const rehearsesKey = 'restock/rehearses'

const signedRunContextSchema = z.object({
  run: z.string().min(1).max(64),
  list: z.string().min(1).max(64),
  epoch: z.int().min(0),
  dry_run: z.boolean(),
  actor: z.enum(['worker', 'agent']),
  /** The one server it is meant for; left out: any that shares the secret. */
  audience: z.string().min(1).max(64).optional(),
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
  const { run, list, epoch, dry_run, actor, audience, expires_at } = context
  return JSON.stringify([run, list, epoch, dry_run, actor, audience ?? null, expires_at])
}

/** `audience`: the server that it is meant for, by name; no other takes it. */
export function signRunContext(
  secret: string,
  context: RunContext,
  expiresAt: Date,
  audience?: string,
): SignedRunContext {
  const unsigned = {
    run: context.run,
    list: context.list,
    epoch: context.epoch,
    dry_run: context.dryRun,
    actor: context.actor ?? ('worker' as const),
    ...(audience === undefined ? {} : { audience }),
    expires_at: expiresAt.toISOString(),
  }
  return { ...unsigned, signature: sign(secret, purpose, signedText(unsigned)) }
}

/**
 * Reads the run context from a request's `_meta`. No context means a person's client. One that is malformed, forged or
 * expired or meant for another server is `invalid`, never a person: a caller that claims to be a run and can't prove it gets nothing.
 */
export function readCaller(
  secret: string,
  meta: Readonly<Record<string, unknown>> | undefined,
  now: Date,
  self?: string,
): Caller | 'invalid' {
  const raw = meta?.[runContextKey]
  if (raw === undefined) return { kind: 'person' }
  const parsed = signedRunContextSchema.safeParse(raw)
  if (!parsed.success) return 'invalid'
  const { signature, ...unsigned } = parsed.data
  if (!isSignatureValid(secret, purpose, signedText(unsigned), signature)) return 'invalid'
  if (new Date(unsigned.expires_at) <= now) return 'invalid'
  if (self !== undefined && unsigned.audience !== undefined && unsigned.audience !== self) return 'invalid'
  return {
    kind: 'run',
    run: unsigned.run,
    list: unsigned.list,
    epoch: unsigned.epoch,
    dryRun: unsigned.dry_run,
    actor: unsigned.actor,
  }
}
