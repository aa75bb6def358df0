import { sql } from 'kysely'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'
import { currentLimits, minorFactor } from './limits.js'

/** Suppliers, items and prices that a list may buy. */
export const allowedInvariants: readonly Invariant[] = [
  {
    name: 'supplier_allowed',
    rule: 'An order is placed or approved only with a supplier that the list’s limits allow at that moment.',
    find: () => sql`
      select reservation.order_id as subject, format('supplier %s is not among %s', reservation.supplier_id,
        limits.settings -> 'allowed_suppliers') as detail
      from purchasing.reservations reservation
      join ${currentLimits} on limits.list = reservation.list and limits.version = reservation.taken_under
      where limits.settings ? 'allowed_suppliers' and not ${wasImported('reservation.order_id')}
        and not limits.settings -> 'allowed_suppliers' ? reservation.supplier_id`,
  },
  {
    name: 'offer_of_supplier',
    rule: 'Every line is an offer of the supplier that the order goes to.',
    find: () => sql`
      select line.id as subject, format('offer %s is of %s, the order of %s', line.offer_id, offer.supplier_id,
        "order".supplier_id) as detail
      from purchasing.order_lines line
      join purchasing.orders "order" on "order".id = line.order_id
      left join purchasing.offers offer on offer.id = line.offer_id
      where offer.supplier_id is distinct from "order".supplier_id and not ${wasImported('order.id')}`,
  },
  {
    // Other programs' lists have items that are not here.
    name: 'item_of_list',
    rule: 'Every item that is ordered is on the list that the order is for.',
    find: () => sql`
      select line.id as subject, format('item %s is on list %s, the order for %s', item.id, item.list, "order".list) as detail
      from purchasing.order_lines line
      join purchasing.orders "order" on "order".id = line.order_id
      join stock.items item on item.id = line.item_id
      where item.list <> "order".list`,
  },
  {
    // A later attempt of the run may have registered another cap, and the supplier may have changed the price.
    name: 'unit_price_cap',
    rule: 'Nothing is ordered above the unit price that its need allows.',
    find: () => sql`
      select line.id as subject, format('%s minor units for %s %s, cap %s %s', line.pack_price_minor, line.pack_quantity, line.unit,
        need.max_unit_price, "order".currency) as detail
      from purchasing.order_lines line
      join purchasing.orders "order" on "order".id = line.order_id
      join purchasing.quotes quote on quote.id = "order".quote_id
      join purchasing.needs need on need.run_id = quote.run_id and need.item_id = line.item_id
      where need.registered_at <= "order".placed_at and line.original is null and need.max_unit_price is not null
        and line.pack_price_minor > need.max_unit_price::numeric * ${minorFactor(sql.ref('order.currency'))} * line.pack_quantity`,
  },
]
