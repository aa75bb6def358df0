import type { Kysely } from 'kysely'
import type { Database } from './database.js'

/** The only source of "now" for domain facts, so that tests can move it. */
export interface Clock {
  now(): Date
}

/** Makes a new id with a prefix that tells its kind: `itm_…`, `ord_…`, `run_…`. */
export type NewId = (prefix: string) => string

/** What the code needs of a logger; pino fits, and so does a silent one in tests. */
export interface Logger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
}

/** Everything a domain function may use of the outside world. Wired once by whoever starts the process. */
export interface DomainContext {
  readonly db: Kysely<Database>
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Logger
  /** Shared by worker and MCP servers: signs run contexts and receipts. */
  readonly secret: string
  /** Orders can go out by mail, from here or from whoever sends them; absent: they can't. */
  readonly canMail?: boolean
}

/** The real clock. `offsetMs` moves it, for rehearsals of the future ("what will be ordered next week?"). */
export function createClock(offsetMs = 0): Clock {
  return { now: () => new Date(Date.now() + offsetMs) }
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
