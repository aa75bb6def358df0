import { setTimeout as delay } from 'node:timers/promises'
import {
  connectMcpServers,
  type MCPServer,
  MCPServerStdio,
  MCPServerStreamableHttp,
  type MCPServers,
} from '@openai/agents'
import type { Logger } from '../platform/context.js'
import { UnavailableError } from '../platform/errors.js'
import type { McpServerConfig, McpTool } from './mcp-servers.js'
import { describeError } from './recorder.js'
import type { ToolResult } from './tool-content.js'

export interface McpTimeouts {
  readonly connectMs: number
  readonly callMs: number
  readonly closeMs: number
}

export interface CallOptions {
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  readonly signal?: AbortSignal | undefined
  /** The same call again has no further effect: where the server goes away in the middle of it, it is made at the next one. */
  readonly isRepeatable?: boolean
}

/** How long to wait for a server that went away before it is asked again; one that is started anew takes a moment. */
const returnDelaysMs = [250, 1_000, 2_500]

interface Open {
  readonly session: MCPServers
  readonly server: MCPServer
  /** As last listed. */
  tools: readonly McpTool[]
}

/** Longest that a server may take to list its tools when it is doubted. */
const signOfLifeMs = 5_000

/** The SDK's caches are global by server name, so no two connections of a process may share one. */
let connectionsMade = 0

/**
 * One MCP server, connected when it is first needed and again after the connection died. Shared by the runs of a worker:
 * a call carries everything that tells one run from another.
 */
export class McpConnection {
  readonly config: McpServerConfig
  readonly #timeouts: McpTimeouts
  readonly #log: Logger
  #opening: Promise<Open> | null = null
  #current: Open | null = null
  /** Why the connection must not be used any more; null: nothing known against it. */
  #dead: string | null = null
  /** Why the server has to show that it is there, and what tools it has, before it is used again; null: no need. */
  #suspicion: string | null = null
  #probing: Promise<void> | null = null
  #closed = false

  constructor(config: McpServerConfig, timeouts: McpTimeouts, log: Logger) {
    this.config = config
    this.#timeouts = timeouts
    this.#log = log
  }

  get name(): string {
    return this.config.name
  }

  /** The tools that the server has, as it listed them when it was connected. Throws UnavailableError when it can't be reached. */
  async open(): Promise<readonly McpTool[]> {
    return (await this.#ready()).tools
  }

  /**
   * Calls a tool. A request that was never sent, because the connection had died before, is sent over a new one. A request
   * that may have been sent is sent again only where the caller says that this is harmless.
   */
  async call(tool: string, args: Readonly<Record<string, unknown>>, options: CallOptions = {}): Promise<ToolResult> {
    for (let attempt = 0; ; attempt++) {
      const open = attempt === 0 ? await this.#ready() : await this.#readyAgain(options)
      try {
        return this.#noteResult(tool, await callOn(open.server, tool, args, options))
      } catch (error) {
        if (options.signal?.aborted) throw error
        const fate = this.#noteFailure(error, open)
        if (attempt > 0 || fate === 'answered' || (fate === 'lost' && options.isRepeatable !== true)) throw error
      }
    }
  }

  /** As `#ready`, after the server went away. Who may repeat the call has the time to wait until it is back. */
  async #readyAgain({ isRepeatable, signal }: CallOptions): Promise<Open> {
    for (const waitMs of isRepeatable === true ? returnDelaysMs : []) {
      try {
        return await this.#ready()
      } catch (error) {
        this.#log.debug({ mcpServer: this.name, err: error }, 'not back yet')
        await delay(waitMs, undefined, signal === undefined ? {} : { signal })
      }
    }
    return this.#ready()
  }

  /** Ends the connection, and with stdio the server's process, within the time allowed. Closing twice is harmless. */
  async close(): Promise<void> {
    this.#closed = true
    const opening = this.#opening
    this.#opening = null
    if (opening === null) return
    const open = await opening.catch(() => null)
    if (open !== null) await this.#end(open)
  }

  async #ready(): Promise<Open> {
    if (this.#suspicion !== null && !this.#closed) {
      this.#probing ??= this.#probe(this.#suspicion)
      await this.#probing
    }
    if (this.#closed)
      throw new UnavailableError(`The connection to the MCP server "${this.name}" is closed.`, 'mcp_closed')
    if (this.#dead !== null) {
      this.#log.warn({ mcpServer: this.name, reason: this.#dead }, 'an MCP server went away; connecting again')
      this.#dead = null
      const old = this.#opening
      this.#opening = null
      void old?.then((open) => this.#end(open)).catch(() => undefined)
    }
    if (this.#opening === null) {
      const opening = this.#connect()
      this.#opening = opening
      // A failed attempt is not kept: the next caller tries again.
      opening.then(
        (open) => {
          this.#current = open
        },
        () => {
          if (this.#opening === opening) this.#opening = null
        },
      )
    }
    return this.#opening
  }

  /**
   * Lists the tools anew: the shortest question there is, and the answer counts. A server that doesn't answer it is given up,
   * with stdio killed, and another one is started; a server that is only slow with one tool goes on.
   */
  async #probe(suspicion: string): Promise<void> {
    const open = this.#current
    try {
      if (open === null) return
      await open.server.invalidateToolsCache()
      open.tools = await this.#inTime(open.server.listTools())
    } catch (error) {
      this.#log.warn({ mcpServer: this.name, err: error }, 'an MCP server gives no sign of life')
      if (this.#current === open) this.#dead ??= suspicion
    } finally {
      this.#suspicion = null
      this.#probing = null
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController()
    const late = delay(Math.min(this.#timeouts.callMs, signOfLifeMs), undefined, {
      ref: false,
      signal: over.signal,
    }).then(() => {
      throw new Error('the tools could not be listed in time')
    })
    late.catch(() => undefined)
    try {
      return await Promise.race([work, late])
    } finally {
      work.catch(() => undefined)
      over.abort()
    }
  }

  /** A server that doesn't know a tool it has listed has other tools by now. */
  #noteResult(tool: string, result: ToolResult): ToolResult {
    if (result.isError === true && isUnknownTool(JSON.stringify(result.content))) {
      this.#suspicion ??= `it no longer knows its tool ${tool}`
    }
    return result
  }

  async #connect(): Promise<Open> {
    const server = this.#createServer()
    try {
      const session = await connectMcpServers([server], {
        strict: true,
        // Otherwise a connect that was cut short counts as connected.
        suppressAbortError: false,
        connectTimeoutMs: this.#timeouts.connectMs,
        closeTimeoutMs: this.#timeouts.closeMs,
      })
      // Listed once, here: over stateless HTTP the SDK lists again for every turn, and two runs listing at once fail each other.
      return { session, server, tools: await server.listTools() }
    } catch (error) {
      await this.#within(server.close())
      throw new UnavailableError(this.#describeFailure(error), 'mcp_unavailable', { cause: error })
    }
  }

  #createServer(): MCPServer {
    connectionsMade += 1
    const common = {
      name: `${this.config.name}#${connectionsMade}`,
      cacheToolsList: true,
      clientSessionTimeoutSeconds: this.#timeouts.connectMs / 1000,
      timeout: this.#timeouts.callMs,
      logger: this.#sdkLogger(),
    }
    if ('url' in this.config) {
      const { url, headers } = this.config
      return new MCPServerStreamableHttp({ ...common, url, requestInit: { headers } })
    }
    const { command, args, env } = this.config
    return new MCPServerStdio({ ...common, command, args: [...args], env: this.#withoutModelKey(env) })
  }

  /** The SDK would write to stderr by itself; what it has to say is in the error that it throws as well. */
  #sdkLogger(): ConstructorParameters<typeof MCPServerStdio>[0]['logger'] & object {
    const tell = (message: string) => this.#log.debug({ mcpServer: this.name }, message)
    return {
      namespace: 'restock',
      debug: () => undefined,
      warn: tell,
      error: tell,
      dontLogModelData: true,
      dontLogToolData: true,
    }
  }

  #withoutModelKey(env: Readonly<Record<string, string>>): Record<string, string> {
    const { OPENAI_API_KEY, ...rest } = env
    if (OPENAI_API_KEY !== undefined) {
      this.#log.warn({ mcpServer: this.name }, 'OPENAI_API_KEY is never passed to MCP servers; it was left out')
    }
    return rest
  }

  /**
   * Judges a failed call. `answered`: the server is there. `unsent`: the request never went out, and a new connection may carry
   * it. `lost`: the server went away, and the request may have been carried out before.
   */
  #noteFailure(error: unknown, used: Open): 'answered' | 'unsent' | 'lost' {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // A number is the server's own answer (JSON-RPC); a server that is slow or answers nonsense is still there.
    const isThere = typeof code === 'number' || code === 'REQUEST_TIMEOUT' || code === 'INVALID_RESULT'
    if (code === 'REQUEST_TIMEOUT') this.#suspicion ??= describeError(error)
    if (typeof code === 'number' && isUnknownTool(describeError(error))) this.#suspicion ??= describeError(error)
    if (isThere) return 'answered'
    if (this.#current === used) this.#dead = describeError(error)
    return code === 'NOT_CONNECTED' || isUnsent(error) ? 'unsent' : 'lost'
  }

  #describeFailure(error: unknown): string {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]
    const what =
      'url' in this.config
        ? `at ${withoutSecrets(this.config.url)} can't be reached (${reason}); start it, or correct its url or headers`
        : `could not be started (${reason}); correct its command`
    return `The MCP server "${this.name}" ${what} under mcpServers in the configuration file.`
  }

  async #end(open: Open): Promise<void> {
    await this.#within(open.session.close())
  }

  async #within(closing: Promise<void>): Promise<void> {
    const over = new AbortController()
    const late = delay(this.#timeouts.closeMs, undefined, { ref: false, signal: over.signal }).catch(() => undefined)
    await Promise.race([closing.catch(() => undefined), late])
    over.abort()
  }
}

async function callOn(
  server: MCPServer,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  { meta, signal }: CallOptions,
): Promise<ToolResult> {
  if (server.callToolResult === undefined) throw new Error('The MCP server class has no callToolResult.')
  return server.callToolResult(tool, { ...args }, meta === undefined ? null : { ...meta }, signal && { signal })
}

/** The MCP client says so without a code where it has heard that the server is gone. What a server answers has a code. */
function isUnsent(error: unknown): boolean {
  return error instanceof Error && !('code' in error) && error.message === 'Not connected'
}

/** Servers have no code for it in common, but they all say it like this. */
function isUnknownTool(text: string): boolean {
  return /\btool\b.*\b(not found|unknown|does not exist)\b|\b(unknown|no such) tool\b/i.test(text)
}

function withoutSecrets(url: string): string {
  const parsed = new URL(url)
  return `${parsed.origin}${parsed.pathname}`
}
