import pg from 'pg'
import type { ClusterRecord } from './cluster-record.js'

/** By this name in pg_stat_activity the processes that use a cluster find each other. */
export const presenceName = 'restock-presence'

export function adminUrlOf(record: ClusterRecord, port: number): string {
  return `postgres://${record.adminUser}:${record.adminPassword}@127.0.0.1:${port}/postgres`
}

export function databaseUrlOf(record: ClusterRecord, port: number): string {
  return `postgres://${record.user}:${record.password}@127.0.0.1:${port}/restock`
}

/** Connects as the superuser. Losing the connection later is not an error of its own: whoever cares listens for `end`. */
export async function connectAsAdmin(record: ClusterRecord, port: number, timeoutMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: adminUrlOf(record, port),
    application_name: presenceName,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}
