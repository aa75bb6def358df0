import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { serverEntry } from '../../src/config/paths.js'
import { testSecret } from './test-database.js'

export const testToken = 'a-token-that-only-tests-know'

/** The official SDK's client, connected to a server of ours that runs as a process of its own. */
export interface ConnectedClient {
  readonly client: Client
  close(): Promise<void>
}

function environment(databaseUrl: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, RESTOCK_SECRET: testSecret, RESTOCK_MCP_TOKEN: testToken }
}

export async function connectStdio(name: 'list' | 'ordering', databaseUrl: string): Promise<ConnectedClient> {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [serverEntry(name)],
      env: environment(databaseUrl),
      stderr: 'ignore',
    }),
  )
  return { client, close: () => client.close() }
}

export interface HttpServerProcess {
  readonly url: string
  readonly child: ChildProcess
  stop(): Promise<number | null>
}

export async function startHttpServer(name: 'list' | 'ordering', databaseUrl: string): Promise<HttpServerProcess> {
  const child = spawn(process.execPath, [serverEntry(name), '--http', '0'], {
    env: { ...environment(databaseUrl), PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${name} server ended with ${code}`)))
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  return {
    url,
    child,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit')
        child.once('exit', (code) => resolve(code))
        child.kill('SIGTERM')
      }),
  }
}

export async function connectHttp(url: string): Promise<ConnectedClient> {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${testToken}` } },
  })
  // The SDK's own types disagree about `sessionId` under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client['connect']>[0])
  return { client, close: () => client.close() }
}
