import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { closeSessionsOfOtherPasswords } from '../access/sessions.js'
import { UnavailableError } from '../platform/errors.js'
import { errorCode } from '../platform/folder-errors.js'
import { createWebApp, type WebParts } from './app.js'
import { assertMayStart } from './security/may-listen.js'
import { webUrl } from './web-url.js'

export interface RunningWeb {
  /** For a browser on this machine. */
  readonly url: string
  /** Lets go of the port; requests under way are cut. Closing twice is harmless. */
  close(): Promise<void>
}

/** Nobody chose it, so another one does as well when it is taken. */
export const defaultWebPort = 4270
const portsTried = 20

/** The last port that is tried where the first one is taken; mostly there is no other. */
export function lastPort(port: number): number {
  return port === defaultWebPort ? port + portsTried : port
}

/** How long somebody may take to ask: whoever takes longer is cut off, and holds nothing that others need. */
export interface Patience {
  readonly headersMs: number
  /** With its body, such as a file of 6 MB over a bad connection. */
  readonly requestMs: number
}

const defaultPatience: Patience = { headersMs: 15_000, requestMs: 120_000 }
/** Far more than the people and programs of one installation open. */
const maxConnections = 1_000

/**
 * Serves the dashboard. On the default port it takes the next free one when that is taken, and says so; a port that
 * somebody chose is refused with UnavailableError instead. Throws InputError where a password is needed and missing.
 */
export async function startWeb(parts: WebParts, patience: Patience = defaultPatience): Promise<RunningWeb> {
  const { host, port, password } = parts.config.web
  await assertMayStart(parts.ctx, parts.config.web)
  if (password !== null) await closeSessionsOfOtherPasswords(parts.ctx, password)
  const server = await listen(createWebApp(parts), host, port, patience)
  const { port: taken } = server.address() as AddressInfo
  if (port !== 0 && taken !== port) {
    parts.ctx.log.warn(
      { port: taken },
      `port ${port} is taken, so the dashboard is on ${taken}; RESTOCK_WEB_PORT chooses one`,
    )
  }
  let closing: Promise<void> | undefined
  return {
    url: webUrl(host, taken),
    close: () => {
      closing ??= close(server)
      return closing
    },
  }
}

async function listen(app: Hono, host: string, port: number, patience: Patience): Promise<ServerType> {
  const last = lastPort(port)
  for (let candidate = port; ; candidate++) {
    try {
      return await tryListen(app, host, candidate, patience)
    } catch (error) {
      const isTaken = errorCode(error) === 'EADDRINUSE'
      if (isTaken && candidate < last) continue
      throw describe(error, host, isTaken && last > port ? `${port} to ${last}` : `${port}`)
    }
  }
}

function tryListen(app: Hono, hostname: string, port: number, patience: Patience): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: Math.min(5_000, patience.headersMs),
    }
    const server = serve({ fetch: app.fetch, hostname, port, serverOptions }, () => {
      server.off('error', reject)
      resolve(server)
    })
    if ('maxConnections' in server) server.maxConnections = maxConnections
    server.once('error', reject)
  })
}

function describe(error: unknown, host: string, port: string): UnavailableError {
  const cause = { cause: error }
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new UnavailableError(
        `The dashboard can't listen on ${host}, port ${port}: another program has it; set RESTOCK_WEB_PORT to a free one.`,
        'port_taken',
        cause,
      )
    case 'EACCES':
      return new UnavailableError(
        `The dashboard may not listen on ${host}, port ${port}: ports below 1024 need more rights; set RESTOCK_WEB_PORT to a higher one.`,
        'port_not_allowed',
        cause,
      )
    default:
      return new UnavailableError(
        `The dashboard can't listen on ${host}, port ${port} (${errorCode(error) ?? error}); correct RESTOCK_WEB_HOST.`,
        'address_unusable',
        cause,
      )
  }
}

function close(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}
