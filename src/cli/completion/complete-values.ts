import { resolve } from 'node:path'
import pg from 'pg'
import { readClusterRecord } from '../../platform/embedded-postgres/cluster-record.js'
import { databaseUrlOf } from '../../platform/embedded-postgres/connect.js'
import { readPostmasterFile } from '../../platform/embedded-postgres/postmaster-file.js'
import type { StoredKind } from './values.js'

export interface CompletionRequest {
  /** What is asked for; anything else has no values. */
  readonly what: string
  /** The command line so far. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Longest that the database may take to be reached, and to answer; by default little, since whoever waits is in the middle of typing. */
  readonly patienceMs?: number
}

/** A value and what it is, the likeliest first. */
const queries: Readonly<Record<StoredKind, string>> = {
  lists: 'select id as value, name as about from stock.lists where archived_at is null order by id',
  items: `select distinct name as value, list as about from stock.items where archived_at is null order by name limit 2000`,
  suppliers: 'select id as value, name as about from purchasing.suppliers where archived_at is null order by id',
  products: 'select id as value, name as about from purchasing.products order by name limit 2000',
  offers: `select sku as value, name as about from purchasing.offers where sku is not null order by sku limit 2000`,
  orders: `select id as value, replace(status, '_', ' ') || ', ' || supplier_name as about from purchasing.orders
    order by placed_at desc limit 100`,
  runs: `select id as value, status || ', ' || list as about from restock.runs order by created_at desc limit 100`,
  schedules: 'select name as value, list as about from restock.schedules where archived_at is null order by name',
  tokens: `select name as value, '' as about from restock.api_tokens where revoked_at is null order by name`,
}

/**
 * What could stand here, a line each: the value, a tab, what it is. Only a database that is running already is asked, and
 * not for long; where there is none, or anything else is in the way, there is nothing to say.
 */
export async function completeValues(request: CompletionRequest): Promise<string> {
  const query = isStoredKind(request.what) ? queries[request.what] : undefined
  if (query === undefined) return ''
  try {
    const url = await findDatabase(request)
    return url === undefined ? '' : await ask(url, query, request.patienceMs ?? 400)
  } catch {
    return ''
  }
}

function isStoredKind(what: string): what is StoredKind {
  return Object.hasOwn(queries, what)
}

async function findDatabase({ words, env, cwd }: CompletionRequest): Promise<string | undefined> {
  if (env.DATABASE_URL !== undefined && env.DATABASE_URL !== '') return env.DATABASE_URL
  // Completion gets the words as they are typed, not as the shell would pass them on.
  const typed = given(words, '--data-dir')?.replace(/^~(?=\/|$)/, env.HOME ?? '~')
  const dataDir = resolve(cwd, typed ?? env.RESTOCK_DATA_DIR ?? '.restock')
  const record = await readClusterRecord(dataDir)
  if (record === undefined || !record.ready) return undefined
  const server = await readPostmasterFile(resolve(dataDir, record.home, 'data'))
  return server?.port === undefined ? undefined : databaseUrlOf(record, server.port)
}

/** Bash gives `--data-dir=x` as three words. */
function given(words: readonly string[], option: string): string | undefined {
  const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`))
  const word = words[at]
  if (word === undefined) return undefined
  if (word !== option) return word.slice(option.length + 1)
  return words[at + 1] === '=' ? words[at + 2] : words[at + 1]
}

async function ask(url: string, query: string, patienceMs: number): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'restock-completion',
    connectionTimeoutMillis: patienceMs,
    statement_timeout: patienceMs,
    query_timeout: patienceMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ value: string; about: string }>(query)
    return rows.map(({ value, about }) => `${inOneLine(value)}\t${inOneLine(about)}\n`).join('')
  } finally {
    await client.end().catch(() => undefined)
  }
}

function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
