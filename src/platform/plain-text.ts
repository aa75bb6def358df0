/**
 * Text from outside as it can be stored: Postgres takes neither NUL nor half of a surrogate pair, and one such character from
 * a model or a supplier must not make everything around it fail.
 */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}

/** The same for every text inside a value, keys included. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storableText(key), storable(entry)]))
}

/** JSON for a jsonb column; what has no JSON is null. */
export function toStoredJson(value: unknown): string {
  return JSON.stringify(storable(value)) ?? 'null'
}
