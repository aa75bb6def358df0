import { UnavailableError } from './errors.js'

/** What the world did to a query, as a sentence, by SQLSTATE or by what the system says of the connection. */
const sentences: Readonly<Record<string, { readonly text: string; readonly code: string }>> = {
  '53100': {
    text: 'The disk that holds the database is full, so nothing was changed: free some space and try again.',
    code: 'disk_full',
  },
  '53300': {
    text: 'The database takes no more connections: raise its max_connections, or run fewer workers.',
    code: 'database_busy',
  },
  '57014': {
    text: 'The database took too long for one step (RESTOCK_DATABASE_TIMEOUT_MS), so it was given up and nothing was changed: the machine is overloaded, or there is very much to look at. Try again later.',
    code: 'database_busy',
  },
  '55P03': {
    text: 'The database has been waiting too long for something that another process holds, so it was given up and nothing was changed: try again later.',
    code: 'database_busy',
  },
  DATABASE_SILENT: {
    text: 'The database has stopped answering, so this was given up; what it was asked to change may or may not have been changed. See that it runs and can be reached, then look before you try again.',
    code: 'database_silent',
  },
  '25006': {
    text: 'The database is read-only (a standby, or a server that protects itself): DATABASE_URL must name one that can be written.',
    code: 'database_read_only',
  },
}

const away = {
  text: 'The database went away while this was at work, and what was not finished was not done: try again when it is back.',
  code: 'database_away',
}

const noConnection = {
  text: 'The database gave no connection in time, so nothing was changed: it does not answer, or has too much to do. Try again later.',
  code: 'database_busy',
}

const awayCodes: ReadonlySet<string> = new Set([
  ...['57P01', '57P02', '57P03', '08000', '08003', '08006', '25P03'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'],
])

/** Turns what a database or its disk did into one sentence for people. Anything else is returned as it is. */
export function describeDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isCut = awayCodes.has(code) || /^Connection terminated/.test(error.message)
  if (/^timeout exceeded when trying to connect/.test(error.message)) return describeAs(noConnection, error)
  const found = sentences[code] ?? (isCut ? away : undefined)
  return found === undefined ? error : describeAs(found, error)
}

function describeAs({ text, code }: { readonly text: string; readonly code: string }, cause: Error): UnavailableError {
  return new UnavailableError(text, code, { cause })
}
