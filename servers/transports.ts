import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { UnavailableError } from '../src/platform/errors.js'
import { guardHost, requireBearer } from '../src/platform/http-guard.js'

/** Serves one client over stdin and stdout. Resolves when the client has gone: a stdio server lives as long as its stdin. */
export async function serveStdio(server: McpServer): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    server.server.onclose = () => resolve()
  })
  await server.connect(new StdioServerTransport())
  await ended
  await server.close()
}

export interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly token: string
}

export interface RunningHttpServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves any number of clients over Streamable HTTP at `/mcp`, without sessions: each request gets a server of its own, so
 * nothing is shared and nothing is lost on a restart. Needs a bearer token; checks Host and Origin.
 */
export async function serveHttp(createServer: () => McpServer, options: HttpOptions): Promise<RunningHttpServer> {
  const app = new Hono()
  app.use(guardHost([options.host]))
  app.get('/healthz', (c) => c.text('ok'))
  app.use('/mcp', requireBearer(options.token), bodyLimit({ maxSize: 16 * 1024 * 1024 }))
  app.all('/mcp', async (c) => {
    const server = createServer()
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      return await transport.handleRequest(c.req.raw)
    } finally {
      await server.close()
    }
  })
  const http = await listen(app.fetch, options.host, options.port)
  const { port } = http.address() as AddressInfo
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        if ('closeAllConnections' in http) http.closeAllConnections()
      }),
  }
}

/** Listens, or says in one sentence why it can't. */
export function listen(fetch: Hono['fetch'], hostname: string, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message
      reject(
        new UnavailableError(`Can't listen on ${hostname}:${port} (${reason}); choose another port.`, 'port_taken'),
      )
    })
  })
}
