import { sql } from 'kysely'
import type { Invariant } from './invariant.js'

/** What is there, and who may say so. */
export const stockInvariants: readonly Invariant[] = [
  {
    name: 'stock_booked',
    rule: 'What a count found is the sum of all movements of the item up to it: nothing changes without a movement.',
    find: () => sql`
      select item_id as subject, format('count %s found %s, the movements make %s', id, counted, booked) as detail
      from (
        select id, item_id, kind, counted, sum(quantity) over (partition by item_id order by id) as booked from stock.movements
      ) movement
      where kind = 'count' and counted <> booked`,
  },
  {
    name: 'undone_once',
    rule: 'A movement is taken back at most once, and exactly.',
    find: () => sql`
      select undo.item_id as subject, format('movement %s of %s takes back %s of %s', undo.id, undo.quantity, undone.id,
        undone.quantity) as detail
      from stock.movements undo join stock.movements undone on undone.id = undo.undoes
      where undo.item_id <> undone.item_id or undo.quantity <> -undone.quantity
        or exists (select from stock.movements other where other.undoes = undo.undoes and other.id <> undo.id)`,
  },
  {
    name: 'runs_move_no_stock',
    rule: 'No run counts, uses or corrects stock.',
    find: () => sql`
      select item_id as subject, format('movement %s (%s) by %s', id, kind, actor) as detail
      from stock.movements where actor like 'run:%' and kind <> 'delivery'`,
  },
  {
    name: 'agents_only_request',
    rule: 'An agent can put nothing on a list but one-off requests.',
    find: () => sql`
      select id as subject, format('%s, a %s item by the agent', name, kind) as detail
      from stock.items where origin = 'agent' and kind <> 'one_off'`,
  },
  {
    name: 'links_confirmed_by_people',
    rule: 'Only a person confirms which product an item is; what a run proposes holds for that run.',
    find: () => sql`
      select item_id as subject, format('product %s, %s, run %s, confirmed by %s', product_id, status, run_id,
        coalesce(confirmed_by, 'nobody')) as detail
      from stock.links
      where (status = 'confirmed' and (confirmed_by is null or confirmed_by like 'run:%' or run_id is not null))
        or (status = 'proposed' and confirmed_by is not null)`,
  },
]
