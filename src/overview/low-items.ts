import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { ItemView } from '../stock/item-view.js'
import { readItemViewsOfLists } from '../stock/list-items.js'
import type { ListView } from '../stock/lists.js'

/** The items of a list that a person may want to know of before they are ordered. */
export interface LowList {
  readonly list: ListView
  readonly itemCount: number
  /** Due now and not on order yet, the scarcest first. */
  readonly due: readonly ItemView[]
  /** Nothing is there, and what was ordered hasn't come yet. */
  readonly out: readonly ItemView[]
  /** What somebody should look at: odd counts, items that can't be reordered. */
  readonly odd: readonly ItemView[]
}

/** Needs follow from every movement of every item, so they are worked out again only for lists that have changed. */
export interface LowItems {
  read(lists: readonly ListView[]): Promise<LowList[]>
}

interface Entry {
  readonly at: number
  readonly settings: string
  readonly low: LowList
}

/** How far the parts of all lists had come when they were looked at. */
interface Mark {
  readonly movement: number
  readonly event: number
  readonly at: Date
  readonly takenMs: number
}

/** Projected use goes on while nothing is recorded. */
const maxAgeMs = 5 * 60_000
/** Numbers are given out before they are committed, so what changed is asked for since a mark that is this old. */
const settledMs = 10_000

export function createLowItems(ctx: DomainContext): LowItems {
  const entries = new Map<string, Entry>()
  let marks: readonly Mark[] = []
  return {
    async read(lists) {
      const next = await readMark(ctx)
      const since = marks.findLast(({ takenMs }) => next.takenMs - takenMs >= settledMs) ?? marks[0]
      const changed = since === undefined ? null : await changedLists(ctx, since)
      marks = [...marks.filter((mark) => mark.takenMs >= (since?.takenMs ?? 0)), next]
      const now = ctx.clock.now().getTime()
      const isFresh = (list: ListView): boolean => {
        const known = entries.get(list.id)
        return (
          known !== undefined &&
          known.settings === JSON.stringify(list) &&
          Math.abs(now - known.at) < maxAgeMs &&
          changed?.has(list.id) === false
        )
      }
      for (const list of lists.filter((each) => !isFresh(each))) {
        // One after the other: others who ask meanwhile get their turn in between.
        for (const low of await readLow(ctx, [list])) {
          entries.set(list.id, { at: now, settings: JSON.stringify(list), low })
        }
      }
      return lists.flatMap(({ id }) => entries.get(id)?.low ?? [])
    },
  }
}

/** As things are now, in the order of the lists. */
export async function readLow(ctx: DomainContext, lists: readonly ListView[]): Promise<LowList[]> {
  if (lists.length === 0) return []
  const views = await readItemViewsOfLists(ctx, lists)
  return lists.map((list) => {
    const items = views.get(list.id) ?? []
    return {
      list,
      itemCount: items.length,
      due: items.filter(({ due, need }) => due && need > 0).sort(byScarcity),
      out: items.filter(({ kind, onHand, onOrder }) => kind === 'stock' && onHand === 0 && onOrder > 0),
      odd: items.filter(({ attention }) => attention !== null),
    }
  })
}

async function readMark(ctx: DomainContext): Promise<Mark> {
  const takenMs = performance.now()
  const { rows } = await sql<{ movement: number; event: number }>`
    select (select coalesce(max(id), 0) from stock.movements) as movement,
      (select coalesce(max(seq), 0) from restock.sync_cursors) as event`.execute(ctx.db)
  return { movement: rows[0]?.movement ?? 0, event: rows[0]?.event ?? 0, at: ctx.clock.now(), takenMs }
}

async function changedLists(ctx: DomainContext, since: Mark): Promise<Set<string>> {
  const settled = new Date(since.at.getTime() - settledMs)
  const { rows } = await sql<{ list: string }>`
    select distinct item.list from stock.movements movement join stock.items item on item.id = movement.item_id
    where movement.id > ${since.movement}
    union select distinct list from stock.items where updated_at > ${settled}
    union select distinct list from purchasing.events where seq > ${since.event}`.execute(ctx.db)
  return new Set(rows.map(({ list }) => list))
}

function byScarcity(a: ItemView, b: ItemView): number {
  return shareLeft(a) - shareLeft(b)
}

/** What is there of what should be, 0 to 1. */
function shareLeft({ onHand, orderUpTo, reorderPoint }: ItemView): number {
  const full = orderUpTo ?? reorderPoint ?? 0
  return full === 0 ? 1 : onHand / full
}
