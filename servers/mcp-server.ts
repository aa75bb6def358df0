import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { recordAudit } from '../src/access/audit.js'
import type { DomainContext } from '../src/platform/context.js'
import { InputError, type Message, RefusalError, UnavailableError } from '../src/platform/errors.js'
import { storable } from '../src/platform/plain-text.js'
import { type Caller, readCaller, rehearsesKey } from '../src/platform/run-context.js'
import type { AnyTool } from './tool.js'

export interface McpServerParts {
  /** `list` or `ordering`: how clients and logs know it. */
  readonly name: string
  readonly version: string
  readonly instructions: string
  readonly tools: readonly AnyTool[]
  /** Given when the first tool is called: starting and listing tools touch no database. */
  readonly context: () => DomainContext
}

/** An MCP server that knows no transport: connect it to stdio, HTTP or a test. */
export function createMcpServer(parts: McpServerParts): McpServer {
  const server = new McpServer(
    { name: `restock-${parts.name}`, version: parts.version },
    { instructions: parts.instructions, maxToolInputElements: 250_000 },
  )
  for (const tool of parts.tools) {
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.input,
        outputSchema: tool.output,
        annotations: { title: tool.title, ...tool.annotations },
        ...(tool.rehearses === true ? { _meta: { [rehearsesKey]: true } } : {}),
      },
      (input, extra) => callTool(parts, tool, input, extra._meta),
    )
  }
  return server
}

/** Runs one tool call and turns whatever happens into a result: a business failure is an answer, not a crash. */
async function callTool(
  parts: McpServerParts,
  tool: AnyTool,
  input: unknown,
  meta: Readonly<Record<string, unknown>> | undefined,
): Promise<CallToolResult> {
  const ctx = parts.context()
  const started = performance.now()
  let caller: Caller | 'invalid' = 'invalid'
  try {
    caller = readCaller(ctx.secret, meta, ctx.clock.now(), parts.name)
    const output = await tool.handle({ ...ctx, caller: admit(tool, caller) }, storable(input))
    await noteWrite(ctx, parts.name, { tool, input, caller, result: 'done' })
    ctx.log.debug(
      { tool: tool.name, caller: callerName(caller), ms: Math.round(performance.now() - started) },
      'tool called',
    )
    return toResult({ ...output }, false)
  } catch (error) {
    const message = toMessage(error, parts.name)
    const fields = { tool: tool.name, caller: callerName(caller), code: message.code }
    const result = message.code === 'internal_error' ? 'failed' : 'refused'
    await noteWrite(ctx, parts.name, { tool, input, caller, result, code: message.code })
    if (message.code === 'internal_error') ctx.log.error({ ...fields, err: error }, 'a tool failed')
    else ctx.log.info(fields, 'a tool call was refused')
    return toResult({ messages: [message] }, true)
  }
}

/**
 * Notes what a model changed or tried to, be it that of a run or one that somebody connected. The worker's own part of a run is
 * in the run's steps. What could not be noted is done all the same.
 */
async function noteWrite(
  ctx: DomainContext,
  serverName: string,
  call: {
    readonly tool: AnyTool
    readonly input: unknown
    readonly caller: Caller | 'invalid'
    readonly result: 'done' | 'refused' | 'failed'
    readonly code?: string
  },
): Promise<void> {
  const { tool, input, caller, result, code } = call
  const run = caller !== 'invalid' && caller.kind === 'run' ? caller : null
  if (tool.annotations.readOnlyHint || (run !== null && (run.actor !== 'agent' || run.dryRun))) return
  const { order_id, quote_id, item_id, item, name } = namedSchema.safeParse(input).data ?? {}
  await recordAudit(ctx, {
    actor: { kind: 'agent', name: run?.run ?? `mcp ${serverName}` },
    action: tool.name,
    subject: order_id ?? quote_id ?? item_id ?? item ?? name ?? null,
    result,
    details: code === undefined ? {} : { code },
  }).catch((error: unknown) => ctx.log.warn({ err: error }, 'the audit log could not be written'))
}

/** What a tool is asked to change, as the inputs of our tools call it. */
const named = z.string().optional().catch(undefined)
const namedSchema = z.object({ order_id: named, quote_id: named, item_id: named, item: named, name: named })

function admit(tool: AnyTool, caller: Caller | 'invalid'): Caller {
  if (caller === 'invalid') {
    throw new RefusalError({
      code: 'invalid_run_context',
      severity: 'final',
      text: 'The run context that came with this call is not valid or has expired.',
    })
  }
  if (tool.audience === 'worker' && (caller.kind !== 'run' || caller.actor === 'agent')) {
    throw new RefusalError({
      code: 'worker_only',
      severity: 'final',
      text: `${tool.name} is for Restock's own worker only.`,
    })
  }
  return caller
}

function toMessage(error: unknown, serverName: string): Message {
  if (error instanceof RefusalError) return error.refusal
  if (error instanceof InputError) return { code: error.code, severity: 'recoverable', text: error.message }
  if (error instanceof UnavailableError) return { code: error.code, severity: 'needs_human', text: error.message }
  return {
    code: 'internal_error',
    severity: 'needs_human',
    text: `The ${serverName} server could not carry this out. What it was asked to change may or may not have been changed.`,
  }
}

function callerName(caller: Caller | 'invalid'): string {
  return caller === 'invalid' ? 'invalid' : caller.kind === 'run' ? caller.run : 'person'
}

function toResult(content: Record<string, unknown>, isError: boolean): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(content) }],
    structuredContent: content,
    ...(isError ? { isError } : {}),
  }
}
