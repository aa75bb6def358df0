import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { serveHttp } from '../../servers/transports.js'
import type { McpServerConfig } from '../../src/agent/mcp-servers.js'

/** Somebody else's MCP server: `look_up` reads, `buy_now` buys and knows no keys. Over HTTP on loopback. */
export interface ExtraServer {
  readonly config: McpServerConfig
  /** Tools in the order in which they were called. */
  readonly calls: string[]
  close(): Promise<void>
}

const token = 'a token that only tests know'

export async function openExtraServer(): Promise<ExtraServer> {
  const calls: string[] = []
  const answer = (tool: string) => {
    calls.push(tool)
    return { content: [{ type: 'text' as const, text: `${tool}: done` }] }
  }
  const create = () => {
    const server = new McpServer({ name: 'extra', version: '1.0.0' })
    const inputSchema = z.looseObject({})
    server.registerTool('look_up', { inputSchema, annotations: { readOnlyHint: true } }, () => answer('look_up'))
    // Whatever it says of itself: it is not one of ours.
    server.registerTool('buy_now', { inputSchema, annotations: { idempotentHint: true } }, () => answer('buy_now'))
    return server
  }
  const served = await serveHttp(create, { host: '127.0.0.1', port: 0, token })
  return {
    config: { name: 'extra', url: served.url, headers: { authorization: `Bearer ${token}` } },
    calls,
    close: served.close,
  }
}
