import type pg from 'pg'
import { migrationSchemas } from '../migrate.js'

export interface DumpedTable {
  /** `stock.items` */
  readonly name: string
  /** For SQL. */
  readonly quotedName: string
  /** Those that are written; generated ones come by themselves. */
  readonly columns: readonly string[]
}

/** Of this moment and this place: which processes are at work. */
const leftOut: ReadonlySet<string> = new Set(['restock.workers'])

/** Every table of the three schemas, those that others refer to before those that refer to them. */
export async function findTables(client: pg.ClientBase): Promise<readonly DumpedTable[]> {
  const { rows: tables } = await client.query<{ name: string; quoted: string; columns: string[] }>(
    `select n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as quoted,
       array(
         select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
         order by a.attnum
       ) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = any($1) and c.relname not like 'kysely\\_%'
     order by 1`,
    [Object.keys(migrationSchemas)],
  )
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select distinct fn.nspname || '.' || f.relname as from, tn.nspname || '.' || t.relname as to
     from pg_constraint r
     join pg_class f on f.oid = r.conrelid join pg_namespace fn on fn.oid = f.relnamespace
     join pg_class t on t.oid = r.confrelid join pg_namespace tn on tn.oid = t.relnamespace
     where r.contype = 'f' and r.conrelid <> r.confrelid and fn.nspname = any($1)`,
    [Object.keys(migrationSchemas)],
  )
  const sorted: DumpedTable[] = []
  const waiting = new Map(tables.filter((table) => !leftOut.has(table.name)).map((table) => [table.name, table]))
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(
      ({ name }) => !references.some(({ from, to }) => from === name && waiting.has(to)),
    )
    if (free.length === 0) throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`)
    for (const { name, quoted, columns } of free) {
      sorted.push({ name, quotedName: quoted, columns })
      waiting.delete(name)
    }
  }
  return sorted
}
