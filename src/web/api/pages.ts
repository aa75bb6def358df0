import { z } from '@hono/zod-openapi'
import { InputError } from '../../platform/errors.js'

/** What every listing takes. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'How many at most.' }),
  cursor: z
    .string()
    .max(1_000)
    .optional()
    .openapi({ description: '`nextCursor` of the page before; leave it out for the first.' }),
})

/** What every listing gives back. */
export function pageOf<Schema extends z.ZodType>(schema: Schema) {
  return z.object({
    items: z.array(schema),
    nextCursor: z.string().nullable().openapi({ description: 'For the next page; null: there is none.' }),
  })
}

/** Where a page begins: after the row with these keys. Opaque to callers. */
export function readCursor<Schema extends z.ZodType>(
  cursor: string | undefined,
  schema: Schema,
): z.output<Schema> | undefined {
  if (cursor === undefined) return undefined
  const parsed = schema.safeParse(decode(cursor))
  if (!parsed.success) throw new InputError('cursor: is none of ours; begin without one.', 'invalid_cursor')
  return parsed.data
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** A page of rows of which one more than `limit` was asked for: that there is one more says that there is a next page. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  keysOf: (row: Row) => readonly unknown[],
): { readonly items: readonly Row[]; readonly nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  const nextCursor = hasMore ? Buffer.from(JSON.stringify(keysOf(last))).toString('base64url') : null
  return { items, nextCursor }
}

/** A page of rows that are all in hand, in the order of a text that is each row's own. */
export function pageInHand<Row>(
  rows: readonly Row[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  keyOf: (row: Row) => string,
) {
  const after = readCursor(cursor, z.tuple([z.string()]))?.[0]
  const sorted = [...rows].sort((a, b) => compare(keyOf(a), keyOf(b)))
  const rest = after === undefined ? sorted : sorted.filter((row) => compare(keyOf(row), after) > 0)
  return toPage(rest.slice(0, limit + 1), limit, (row) => [keyOf(row)])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
