import { sql } from 'kysely'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'

/** What an order is made of, and where it comes from. */
export const orderInvariants: readonly Invariant[] = [
  {
    name: 'order_totals',
    rule: 'An order’s subtotal is the sum of its lines, and its total is subtotal + shipping + tax − discount.',
    find: () => sql`
      select "order".id as subject, format('subtotal %s of lines worth %s; total %s of %s + %s + %s - %s, %s lines',
        "order".subtotal_minor, lines.net, "order".total_minor, "order".subtotal_minor, "order".shipping_minor,
        "order".tax_minor, "order".discount_minor, lines.count) as detail
      from purchasing.orders "order"
      cross join lateral (
        select coalesce(sum(line_total_minor), 0) as net, count(*) from purchasing.order_lines where order_id = "order".id
      ) lines
      where "order".subtotal_minor <> lines.net or lines.count = 0
        or "order".total_minor <> "order".subtotal_minor + "order".shipping_minor + "order".tax_minor - "order".discount_minor`,
  },
  {
    name: 'line_sums',
    rule: 'A line’s quantity is its packs × pack quantity, and its total is its packs × pack price.',
    find: () => sql`
      select id as subject, format('%s packs of %s are not %s, or at %s not %s', packs, pack_quantity, quantity,
        pack_price_minor, line_total_minor) as detail
      from purchasing.order_lines
      where quantity <> packs * pack_quantity or line_total_minor <> packs * pack_price_minor`,
  },
  {
    name: 'order_origin',
    rule: 'Every order has a placed quote of its own list and currency, a rationale, and the run (or the person’s client) that made the quote.',
    find: () => sql`
      select "order".id as subject, format('placed by %s, run %s, of quote %s by %s (run %s, list %s, placed %s)',
        "order".placed_by, "order".run_id, quote.id, quote.placed_by, quote.run_id, quote.list, quote.placed_at) as detail
      from purchasing.orders "order" left join purchasing.quotes quote on quote.id = "order".quote_id
      where quote.id is null or quote.placed_at is null
        or btrim("order".rationale) = ''
        or quote.list <> "order".list or quote.currency <> "order".currency or quote.placed_by <> "order".placed_by
        or "order".run_id is distinct from case when quote.placed_by = 'run' then quote.run_id end`,
  },
  {
    name: 'order_run',
    rule: 'The run of an order is in the ledger, works for the order’s list and is no dry run.',
    find: () => sql`
      select "order".id as subject, case when run.id is null then format('run %s is not known', "order".run_id)
        else format('run %s is of list %s, dry run: %s', run.id, run.list, run.dry_run) end as detail
      from purchasing.orders "order" left join restock.runs run on run.id = "order".run_id
      where "order".run_id is not null and (run.id is null or run.dry_run or run.list <> "order".list)`,
  },
  {
    name: 'quote_placed_once',
    rule: 'A quote is placed once: its orders are those of its stored answer, one a supplier, and none before it is placed.',
    find: () => sql`
      select quote.id as subject, format('its answer names %s, its orders are %s', named.ids, made.ids) as detail
      from purchasing.quotes quote
      cross join lateral (
        select coalesce(array_agg(result ->> 'orderId' order by result ->> 'orderId'), '{}') as ids
        from jsonb_array_elements(coalesce(quote.placed_result, '{"results": []}') -> 'results') result
        where result ->> 'orderId' is not null
      ) named
      cross join lateral (
        select coalesce(array_agg(id order by id), '{}') as ids, count(distinct supplier_id) as suppliers
        from purchasing.orders where quote_id = quote.id
      ) made
      where named.ids <> made.ids or made.suppliers <> cardinality(made.ids)
        or (quote.placed_at is null) <> (quote.placed_result is null)`,
  },
  {
    // Waiting for a lock may have taken a moment after the quote was found in time.
    name: 'quote_in_time',
    rule: 'A quote is placed before it expires.',
    find: () => sql`
      select id as subject, format('placed at %s, expired at %s', placed_at, expires_at) as detail
      from purchasing.quotes where placed_at > expires_at + interval '5 minutes'`,
  },
  {
    name: 'order_as_quoted',
    rule: 'An order holds exactly the items, offers and packs that its quote fixed, and costs no more than quoted until its supplier changes it.',
    find: () => sql`
      select "order".id as subject, format('quoted %s for %s, ordered %s for %s', quoted.lines, quoted.total, ordered.lines,
        ordered.total) as detail
      from purchasing.orders "order"
      join purchasing.quotes quote on quote.id = "order".quote_id
      cross join lateral (
        select
          array_agg(concat_ws('|', line.item_id, line.offer_id, coalesce((line.original ->> 'packs')::bigint, line.packs),
            trim_scale(coalesce((line.original ->> 'packQuantity')::numeric, line.pack_quantity)), line.unit)
            order by line.item_id, line.offer_id, line.packs, line.pack_quantity) as lines,
          coalesce("order".original_total_minor, "order".total_minor) as total
        from purchasing.order_lines line where line.order_id = "order".id
      ) ordered
      left join lateral (
        select (offered ->> 'totalMinor')::bigint as total, (
          select array_agg(concat_ws('|', line ->> 'itemId', line ->> 'offerId', line ->> 'packs',
            trim_scale((line ->> 'packQuantity')::numeric), line ->> 'unit')
            order by line ->> 'itemId', line ->> 'offerId', (line ->> 'packs')::bigint, (line ->> 'packQuantity')::numeric)
          from jsonb_array_elements(offered -> 'lines') line) as lines
        from jsonb_array_elements(quote.content -> 'orders') offered
        where offered ->> 'supplierId' = "order".supplier_id limit 1
      ) quoted on true
      where not ${wasImported('order.id')} and (
        quoted.lines is null or not (quoted.lines @> ordered.lines and ordered.lines @> quoted.lines)
        or cardinality(quoted.lines) <> cardinality(ordered.lines)
        or ordered.total > quoted.total or ("order".approved_by is null and ordered.total <> quoted.total))`,
  },
]
