import type pg from 'pg'

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Every statement that goes through the pool, so that its plan can be looked at afterwards. */
export interface WatchedPool {
  /** What was asked since the last time, each text once. */
  take(): Statement[]
}

export function watchPool(pool: pg.Pool): WatchedPool {
  const seen = new Map<string, Statement>()
  pool.on('connect', (client) => {
    const query = client.query.bind(client)
    Object.assign(client, {
      query: (...args: readonly unknown[]) => {
        const [first, second] = args
        const text = typeof first === 'string' ? first : isConfig(first) ? first.text : null
        const values = Array.isArray(second) ? second : isConfig(first) ? (first.values ?? []) : []
        if (text !== null && !seen.has(text)) seen.set(text, { text, values })
        return Reflect.apply(query, client, args)
      },
    })
  })
  return {
    take: () => {
      const statements = [...seen.values()]
      seen.clear()
      return statements
    },
  }
}

function isConfig(value: unknown): value is { readonly text: string; readonly values?: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly Plans?: readonly PlanNode[]
}

/** Tables that the statement reads from end to end, of those that are big. */
export async function findScans(
  client: pg.ClientBase,
  { text, values }: Statement,
  bigTables: ReadonlySet<string>,
): Promise<string[]> {
  if (!/^\s*(select|with)\b/i.test(text) || /\bfor (update|share)\b/i.test(text)) return []
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    `explain (format json, verbose) ${text}`,
    [...values],
  )
  const found: string[] = []
  const walk = (node: PlanNode): void => {
    const table = `${node.Schema}.${node['Relation Name']}`
    if (node['Node Type'] === 'Seq Scan' && bigTables.has(table)) found.push(table)
    for (const child of node.Plans ?? []) walk(child)
  }
  for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) walk(Plan)
  return found
}
