/**
 * How long anybody waits for a database, so that one that accepts connections and never answers (stopped, overloaded, cut off
 * by a network that swallows) holds nobody up for ever. The first three are the server's to enforce; the last is ours, for
 * when the server is what hangs.
 */
import { Socket } from 'node:net'
import pg from 'pg'

/** For one statement, unless said otherwise. Nothing of ours takes as long: what does waits for somebody. */
export const defaultDatabaseTimeoutMs = 60_000

export interface DatabasePatience {
  /** Whoever stops in the middle of a transaction loses it, and the locks with it, before those who wait for them give up. */
  readonly idle_in_transaction_session_timeout: number
  readonly lock_timeout: number
  readonly statement_timeout: number
  /** Within which a server that is well has ended every statement, with or without success. */
  readonly silenceMs: number
  readonly connectionTimeoutMillis: number
}

export function databasePatience(timeoutMs = defaultDatabaseTimeoutMs): DatabasePatience {
  return {
    idle_in_transaction_session_timeout: Math.round(timeoutMs / 2),
    lock_timeout: Math.round((timeoutMs * 3) / 4),
    statement_timeout: timeoutMs,
    silenceMs: Math.round((timeoutMs * 5) / 4),
    connectionTimeoutMillis: Math.min(10_000, timeoutMs),
  }
}

/** For what takes as long as it takes: migrations, backups, a look at everything. A dead network ends it all the same. */
export const patientConnection = {
  statement_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} as const

/** The connection was given up because nothing came over it any more. What was being asked may have been done. */
export class DatabaseSilentError extends Error {
  override readonly name = 'DatabaseSilentError'
  readonly code = 'DATABASE_SILENT'

  constructor(silenceMs: number) {
    super(`the database gave no sign for ${Math.round(silenceMs / 1000)} seconds`)
  }
}

/**
 * For a pool: its connections are given up after so long a silence, so whoever waits for an answer hears that there is none, and
 * the connection is never used again. A pool whose unused connections are closed sooner loses none that is well.
 */
export function clientThatGivesUp(silenceMs: number): new (config?: pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config)
      this.once('connect', () => {
        const { stream } = this.connection
        // TLS comes as a socket as well.
        if (!(stream instanceof Socket)) return
        stream.setTimeout(silenceMs, () => stream.destroy(new DatabaseSilentError(silenceMs)))
      })
    }
  }
}
