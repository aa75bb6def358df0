import type { DomainContext } from '../platform/context.js'
import { assertOwnList, type By, callerOf } from './callers.js'
import { type ItemRow, type ItemView, viewItem } from './item-view.js'
import { type ListView, requireList } from './lists.js'
import { readSnapshot } from './snapshot-read.js'
import { readFacts } from './stock-facts.js'

export interface ItemsOfList {
  readonly list?: string | null | undefined
  /** `due`: only what is to be bought now. */
  readonly filter: 'due' | 'all'
}

const collator = new Intl.Collator('en', { numeric: true })

/** By name, as people sort; by id where names are the same to them. */
export function compareItems(
  a: { readonly name: string; readonly itemId: string },
  b: { readonly name: string; readonly itemId: string },
): number {
  return collator.compare(a.name, b.name) || (a.itemId < b.itemId ? -1 : a.itemId > b.itemId ? 1 : 0)
}

/** The items of a list by name, each with its need and the steps that led to it. */
export async function listItems(ctx: DomainContext, input: ItemsOfList & By): Promise<ItemView[]> {
  const items = await readItemViews(ctx, await listFor(ctx, input), input)
  return input.filter === 'due' ? items.filter((item) => item.due) : items
}

/** The list that a caller may mean: a run its own, a person any. */
export async function listFor(
  ctx: DomainContext,
  input: { readonly list?: string | null | undefined } & By,
): Promise<ListView> {
  const caller = callerOf(input)
  if (input.list) assertOwnList(caller, input.list)
  return requireList(ctx, caller.kind === 'run' ? caller.list : input.list)
}

/** All items of a list, or those with the given ids. The work is four queries, whatever their number. */
export async function readItemViews(
  ctx: DomainContext,
  list: ListView,
  by: By & { readonly itemIds?: readonly string[] | undefined },
): Promise<ItemView[]> {
  return readSnapshot(ctx, async (tx) => (await readViews(tx, [list], by)).get(list.id) ?? [])
}

/** All items of several lists, by the list's id. The lists whose demand is worked out over the same time are read at once. */
export async function readItemViewsOfLists(
  ctx: DomainContext,
  lists: readonly ListView[],
): Promise<Map<string, readonly ItemView[]>> {
  const windows = new Set(lists.map(({ demandRules }) => demandRules.windowDays))
  return readSnapshot(ctx, async (tx) => {
    const views = new Map<string, readonly ItemView[]>()
    for (const windowDays of windows) {
      const alike = lists.filter(({ demandRules }) => demandRules.windowDays === windowDays)
      for (const [list, items] of await readViews(tx, alike, {})) views.set(list, items)
    }
    return views
  })
}

/** Of lists with one window for all of them. */
async function readViews(
  tx: DomainContext,
  lists: readonly ListView[],
  by: By & { readonly itemIds?: readonly string[] | undefined },
): Promise<Map<string, ItemView[]>> {
  const now = tx.clock.now()
  const views = new Map<string, ItemView[]>(lists.map(({ id }) => [id, []]))
  const [first] = lists
  if (first === undefined) return views
  const selection = { lists: lists.map(({ id }) => id), itemIds: by.itemIds }
  const items: ItemRow[] = await tx.db
    .selectFrom('stock.items')
    .selectAll()
    .where('list', 'in', selection.lists)
    .where('archived_at', 'is', null)
    .$if(by.itemIds !== undefined, (query) => query.where('id', 'in', [...(by.itemIds ?? []), '']))
    .execute()
  const facts = await readFacts(tx, selection, callerOf(by), first.demandRules.windowDays)
  const listOf = new Map(lists.map((list) => [list.id, list]))
  for (const item of items) {
    const list = listOf.get(item.list)
    if (list !== undefined) views.get(item.list)?.push(viewItem(item, facts, list, now))
  }
  for (const ofList of views.values()) ofList.sort(compareItems)
  return views
}
