import { type MCPServer, UserError } from '@openai/agents'
import type { z } from 'zod'
import type { Clock } from '../platform/context.js'
import { InputError, RefusalError } from '../platform/errors.js'
import { type RunContext, runContextKey, signRunContext } from '../platform/run-context.js'
import type { LegJournal } from './leg-journal.js'
import type { CallOptions } from './mcp-connection.js'
import {
  allowedTools,
  isRepeatableTool,
  isWriteTool,
  listServer,
  type McpServerConfig,
  type McpTool,
  orderingServer,
} from './mcp-servers.js'
import { createReceiptHandles, type ReceiptHandles } from './receipt-handles.js'
import { recordAgentTool, recordWorkerTool } from './record-tool.js'
import type { StepRecorder } from './recorder.js'
import { cutResult, readToolContent, type ToolResult } from './tool-content.js'
import { tellModelOfFailure } from './tool-failures.js'
import { refusalSchema } from './tool-results.js'

/** Outlives the slowest call. Signed anew for each, so that a run may take as long as it needs. */
const signatureLifeMs = 10 * 60_000

/** Signs calls in the name of one run; the pooled connections themselves belong to no run. */
export interface RunIdentity {
  readonly context: RunContext
  readonly secret: string
  readonly clock: Clock
}

/** In characters of JSON. Ours hold a receipt for every line, which the model never sees. */
const longestOwnResult = 4_000_000
const longestResult = 60_000

function isOurs(server: string): boolean {
  return server === listServer || server === orderingServer
}

/** The MCP request's `_meta`. Only our two servers share the secret; a signature is nothing for others to see. */
function metaFor(
  server: string,
  actor: 'worker' | 'agent',
  { context, secret, clock }: RunIdentity,
): Readonly<Record<string, unknown>> | undefined {
  if (!isOurs(server)) return undefined
  const expiresAt = new Date(clock.now().getTime() + signatureLifeMs)
  // For that server alone: where another program stands in for one of them, it can't act at the other with what it was sent.
  return { [runContextKey]: signRunContext(secret, { ...context, actor }, expiresAt, server) }
}

/** What is used of a connection. A record of one will do, where nothing is called any more. */
export interface ToolSource {
  readonly name: string
  readonly config: Pick<McpServerConfig, 'name' | 'tools'>
  open(): Promise<readonly McpTool[]>
  call(tool: string, args: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<ToolResult>
}

/** Where an agent's calls are recorded, and where those of an earlier attempt are looked up. */
export interface AgentRecord {
  readonly recorder: StepRecorder
  readonly journal: LegJournal
}

/**
 * The connections as one run's agent sees them: the tools it may use, each call signed as that run's and recorded.
 * The SDK gets one such object a run, so runs that share a connection can't be taken for each other.
 */
export async function agentServers(
  connections: readonly ToolSource[],
  identity: RunIdentity,
  record: AgentRecord,
): Promise<MCPServer[]> {
  const owners = new Map<string, string>()
  const servers: MCPServer[] = []
  const receipts = createReceiptHandles()
  for (const connection of connections) {
    const tools = allowedTools(connection.config, await connection.open(), { dryRun: identity.context.dryRun })
    for (const { name } of tools) {
      const other = owners.get(name)
      if (other !== undefined) {
        throw new InputError(
          `The MCP servers "${other}" and "${connection.name}" both have a tool "${name}"; leave it out of one of them with \`tools\` under mcpServers.`,
          'duplicate_tool',
        )
      }
      owners.set(name, connection.name)
    }
    servers.push(agentServer(connection, tools, { identity, record, receipts }))
  }
  return servers
}

type SdkCall = NonNullable<MCPServer['callToolResult']>

function agentServer(
  connection: ToolSource,
  tools: readonly McpTool[],
  { identity, record, receipts }: { identity: RunIdentity; record: AgentRecord; receipts: ReceiptHandles },
): MCPServer {
  const call: SdkCall = async (name, given, _meta, options) => {
    const tool = tools.find((candidate) => candidate.name === name)
    if (tool === undefined) throw new UserError(`The agent has no tool ${name}.`)
    if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new SyntaxError('not an object')
    const args = receipts.reveal(given)
    const traits = {
      isWrite: isWriteTool(connection.name, tool),
      isRepeatable: isRepeatableTool(connection.name, tool),
    }
    const result = await recordAgentTool(
      record,
      { name, server: connection.name, arguments: args },
      traits,
      async () => {
        // The identity is put in here, on the one way out, and not by whoever calls: nothing can forget it.
        const meta = metaFor(connection.name, 'agent', identity)
        const { isRepeatable } = traits
        const answer = await connection.call(name, args, { meta, signal: options?.signal, isRepeatable })
        return cutResult(answer, isOurs(connection.name) ? longestOwnResult : longestResult)
      },
    )
    return toSdkResult(receipts.hide(result))
  }
  return {
    name: connection.name,
    // Our own list, which costs nothing; the SDK's cache would be shared with every other run of the process.
    cacheToolsList: false,
    useStructuredContent: true,
    errorFunction: ({ error }) => tellModelOfFailure(error),
    connect: async () => undefined,
    close: async () => undefined,
    invalidateToolsCache: async () => undefined,
    listTools: async () => [...tools],
    callTool: async (name, args, meta, options) => (await call(name, args, meta, options)).content,
    callToolResult: call,
  }
}

function toSdkResult({ content, structuredContent, isError }: ToolResult): Awaited<ReturnType<SdkCall>> {
  return {
    content: [...content],
    ...(structuredContent === undefined ? {} : { structuredContent: { ...structuredContent } }),
    ...(isError === undefined ? {} : { isError }),
  }
}

/** A tool's result did not have the shape that its name promises. */
export class UnexpectedResultError extends Error {
  override readonly name = 'UnexpectedResultError'
}

/** Calls tools for the worker itself, with the same signature and the same record as the agent's calls. */
export interface WorkerTools {
  /** Throws RefusalError when the server refuses, UnexpectedResultError when it answers something else than `schema`. */
  call<T>(server: string, tool: string, args: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): Promise<T>
}

/** `recorder` null: for work that belongs to no run. */
export function workerTools(
  connections: readonly ToolSource[],
  identity: RunIdentity,
  recorder: StepRecorder | null,
  signal?: AbortSignal,
): WorkerTools {
  return {
    async call(server, tool, args, schema) {
      const connection = connections.find(({ name }) => name === server)
      if (connection === undefined) throw new InputError(`The MCP server "${server}" is not configured.`)
      const send = () => connection.call(tool, args, { meta: metaFor(server, 'worker', identity), signal })
      const described = { name: tool, server, arguments: args }
      const result = await (recorder === null ? send() : recordWorkerTool(recorder, described, send))
      return readResult(server, tool, result, schema)
    },
  }
}

function readResult<T>(server: string, tool: string, result: ToolResult, schema: z.ZodType<T>): T {
  const content = readToolContent(result)
  if (result.isError === true) {
    const [message] = refusalSchema.safeParse(content).data?.messages ?? []
    if (message !== undefined) {
      const { path, ...rest } = message
      throw new RefusalError(path === undefined ? rest : { ...rest, path })
    }
    throw new UnexpectedResultError(`${tool} of the ${server} server failed: ${String(content).slice(0, 300)}`)
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new UnexpectedResultError(
    `${tool} of the ${server} server answered something else than expected (${issue?.path.join('.')}: ${issue?.message}).`,
  )
}
