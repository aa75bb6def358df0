import { parseArgs } from 'node:util'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { pino } from 'pino'
import { createClock, type DomainContext } from '../src/platform/context.js'
import { openDatabase } from '../src/platform/database.js'
import { defaultDatabaseTimeoutMs } from '../src/platform/database-patience.js'
import { isExpectedError } from '../src/platform/errors.js'
import { armFailpoints, parseFailpoints } from '../src/platform/failpoints.js'
import { newRandomId } from '../src/platform/ids.js'
import { serveHttp, serveStdio } from './transports.js'

export interface ServerEntry {
  readonly name: string
  readonly create: (context: () => DomainContext) => McpServer
  /** What the server itself holds besides its database. */
  readonly close?: () => Promise<void>
}

/**
 * What both entries do: read the environment, serve over stdio (or HTTP with `--http PORT`), stop with stdin or on SIGTERM.
 * Nothing is connected before the first tool call, since clients start a server more often than they use it. Ctrl-C at a
 * terminal reaches the whole process group; the worker that started this server decides when it ends.
 */
export async function runServerEntry(entry: ServerEntry): Promise<void> {
  // stdout carries the protocol; everything for people goes to stderr.
  const log = pino({ name: `mcp-${entry.name}`, level: process.env.RESTOCK_LOG_LEVEL ?? 'warn' }, pino.destination(2))
  let database: ReturnType<typeof openDatabase> | undefined
  const context = lazily((): DomainContext => {
    database = openDatabase({
      url: required('DATABASE_URL'),
      applicationName: `restock-mcp-${entry.name}`,
      maxConnections: 5,
      timeoutMs: Number(process.env.RESTOCK_DATABASE_TIMEOUT_MS || defaultDatabaseTimeoutMs),
      log,
    })
    return {
      db: database.db,
      clock: createClock(Number(process.env.RESTOCK_CLOCK_OFFSET_MS ?? 0)),
      newId: newRandomId,
      log,
      secret: required('RESTOCK_SECRET'),
      canMail: (process.env.RESTOCK_CAN_MAIL ?? '') !== '' || (process.env.RESTOCK_SMTP_URL ?? '') !== '',
    }
  })

  process.on('SIGINT', () => undefined)
  try {
    armFailpoints(parseFailpoints(process.env.RESTOCK_FAILPOINTS, process.env.RESTOCK_FAILPOINTS_LOG))
    const { values } = parseArgs({
      options: { http: { type: 'string' }, host: { type: 'string', default: '127.0.0.1' } },
    })
    if (values.http === undefined) {
      await serveStdio(entry.create(context))
    } else {
      const server = await serveHttp(() => entry.create(context), {
        host: values.host,
        port: Number(values.http),
        token: required('RESTOCK_MCP_TOKEN'),
      })
      process.stderr.write(`The ${entry.name} MCP server listens at ${server.url}\n`)
      await new Promise((resolve) => process.once('SIGTERM', resolve))
      await server.close()
    }
  } catch (error) {
    process.stderr.write(`${isExpectedError(error) || error instanceof TypeError ? error.message : String(error)}\n`)
    process.exitCode = 1
  } finally {
    await entry.close?.()
    await database?.close()
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new TypeError(`${name} must be set for this server.`)
  return value
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
