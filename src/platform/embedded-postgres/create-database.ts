import type pg from 'pg'
import type { ClusterRecord } from './cluster-record.js'

/** Makes the application's role, which is no superuser, and its database. Finishes what an earlier try began. */
export async function createDatabase(client: pg.Client, record: ClusterRecord): Promise<void> {
  const role = client.escapeIdentifier(record.user)
  // Should the statement fail, it must not end up in the server's log, because it holds the password.
  await client.query("set log_min_error_statement = 'panic'")
  const { rowCount: roles } = await client.query('select from pg_roles where rolname = $1', [record.user])
  await client.query(
    `${roles === 0 ? 'create' : 'alter'} role ${role} login password ${client.escapeLiteral(record.password)}`,
  )
  const { rowCount: databases } = await client.query("select from pg_database where datname = 'restock'")
  if (databases === 0) await client.query(`create database restock owner ${role}`)
}
