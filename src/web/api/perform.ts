import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { recordAudit } from '../../access/audit.js'
import { type Answer, doOnce, doOnceAlone, type KeyedRequest } from '../../access/idempotency.js'
import { actorOfPrincipal, type Principal } from '../../access/principal.js'
import { mayUse } from '../../access/scopes.js'
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { codeOf } from '../../platform/errors.js'
import type { JobQueue } from '../../platform/queue.js'
import { principalOf } from '../security/principal-of.js'
import { isWrite, type Operation } from './operation.js'
import { makeProblem, problemResponse, retryHeaders, toProblem } from './problem.js'
import { type ReadRequest, readRequest } from './read-request.js'

export interface ApiParts {
  readonly ctx: DomainContext
  readonly queue: JobQueue
}

/** Answers one request: whether it may, what it says, doing it once, noting it, and what became of it. */
export async function perform(parts: ApiParts, operation: Operation, c: Context): Promise<Response> {
  const principal = principalOf(c)
  try {
    if (!mayUse(principal.scopes, operation.scope)) {
      const problem = makeProblem(403, `This needs a token with scope ${operation.scope}.`, { code: 'scope_missing' })
      if (isWrite(operation)) await noteFailure(parts.ctx, operation, principal, c, problem.status, problem.code)
      return problemResponse(problem)
    }
    const request = await readRequest(c, operation)
    if (!isWrite(operation)) return json(await answer(parts, parts.ctx, operation, principal, request, () => undefined))
    return await write(parts, operation, principal, request, c)
  } catch (error) {
    const problem = toProblem(error, operation.method === 'get' || operation.path.includes('{'))
    if (problem.status >= 500) {
      parts.ctx.log.error({ err: error, operation: operation.id }, 'an API request could not be answered')
    }
    if (isWrite(operation)) await noteFailure(parts.ctx, operation, principal, c, problem.status, codeOf(error))
    return problemResponse(problem, retryHeaders(problem))
  }
}

async function write(
  parts: ApiParts,
  operation: Operation,
  principal: Principal,
  request: ReadRequest,
  c: Context,
): Promise<Response> {
  const { ctx } = parts
  let after: (() => Promise<void>)[] = []
  const work = async (inside: DomainContext): Promise<Answer> => {
    // A transaction that is tried again starts anew.
    after = []
    const result = await answer(parts, inside, operation, principal, request, (each) => after.push(each))
    const noted = recordAudit(inside, {
      actor: principal,
      action: operation.id,
      subject: idIn(result.body) ?? subjectOf(c),
      result: 'done',
      status: result.status,
    })
    // What is committed by now is done, whether or not it can be noted; everything else is undone with its note.
    await (operation.isAlone === true ? noted.catch((error: unknown) => cannotNote(ctx, error)) : noted)
    return result
  }
  const keyed = keyedRequest(principal, request)
  const once = operation.isAlone === true ? doOnceAlone : doOnce
  const unkeyed = () => (operation.isAlone === true ? work(ctx) : inTransaction(ctx, work))
  const result = keyed === null ? { ...(await unkeyed()), isReplay: false } : await once(ctx, keyed, work)
  // What is queued here is found by the scheduler's sweep as well: failing to queue it fails nothing.
  for (const each of result.isReplay ? [] : after) {
    await each().catch((error: unknown) =>
      ctx.log.warn({ err: error, operation: operation.id }, 'what follows a write is left to the scheduler'),
    )
  }
  return json(result, result.isReplay ? { 'Idempotency-Replayed': 'true' } : {})
}

async function answer(
  parts: ApiParts,
  ctx: DomainContext,
  operation: Operation,
  principal: Principal,
  request: ReadRequest,
  afterCommit: (work: () => Promise<void>) => void,
): Promise<Answer> {
  const { params, query, body } = request
  const by = actorOfPrincipal(principal)
  const value = await operation.run({ ctx, queue: parts.queue, principal, by, params, query, body, afterCommit })
  // Through JSON first, so that the schema sees what the caller will, and fields that it doesn't name stay here.
  const shown = operation.schemas.answer.parse(JSON.parse(JSON.stringify(value)))
  return { status: operation.status ?? 200, body: shown }
}

function keyedRequest(principal: Principal, { idempotencyKey, signature }: ReadRequest): KeyedRequest | null {
  if (idempotencyKey === null) return null
  return {
    // Whoever comes without a token is the same person with a new session tomorrow.
    principal: principal.kind === 'token' ? principal.id : 'web',
    key: idempotencyKey,
    fingerprint: createHash('sha256').update(signature).digest('hex'),
  }
}

async function noteFailure(
  ctx: DomainContext,
  operation: Operation,
  principal: Principal,
  c: Context,
  status: number,
  code: string,
): Promise<void> {
  await recordAudit(ctx, {
    actor: principal,
    action: operation.id,
    subject: subjectOf(c),
    result: status < 500 ? 'refused' : 'failed',
    status,
    details: { code },
  }).catch((error: unknown) => cannotNote(ctx, error))
}

function cannotNote(ctx: DomainContext, error: unknown): void {
  ctx.log.error({ err: error }, 'the audit log could not be written')
}

/** People may name things by other words than their id: what was meant is in the answer. */
function idIn(body: unknown): string | null {
  const parsed = answeredId.safeParse(body)
  if (!parsed.success) return null
  const { itemId, order, run } = parsed.data
  return itemId ?? order?.orderId ?? run?.id ?? null
}

const answeredId = z.object({
  itemId: z.string().optional(),
  order: z.object({ orderId: z.string() }).optional(),
  run: z.object({ id: z.string() }).optional(),
})

function subjectOf(c: Context): string | null {
  const values = Object.values(c.req.param())
  return values.length === 0 ? null : values.join(' ')
}

function json({ status, body }: Answer, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/json' } })
}
