import type { Context } from 'hono'

/** Which page of a listing is asked for, from 1. */
export function pageNumber(c: Context): number {
  const asked = Number(c.req.query('page') ?? 1)
  return Number.isInteger(asked) && asked >= 1 && asked <= 100_000 ? asked : 1
}

/** Where a listing that is sorted by an instant goes on: after this row. */
export interface After {
  readonly at: Date
  readonly id: string
}

/** null: from the start; so, too, where it was tampered with. */
export function readAfter(c: Context): After | null {
  const match = /^(\d{1,16})\.([A-Za-z0-9_-]{1,80})$/.exec(c.req.query('after') ?? '')
  const [, ms = '', id = ''] = match ?? []
  const at = new Date(Number(ms))
  return match === null || Number.isNaN(at.getTime()) ? null : { at, id }
}

export function writeAfter({ at, id }: After): string {
  return `${at.getTime()}.${id}`
}
