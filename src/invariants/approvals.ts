import { sql } from 'kysely'
import type { Invariant } from './invariant.js'

/** What only a person may let through. */
export const approvalInvariants: readonly Invariant[] = [
  {
    name: 'approval_given',
    rule: 'An order that needs a person’s approval goes nowhere without it, and one that waits says why.',
    find: () => sql`
      select "order".id as subject, format('%s, approved by %s, reasons: %s', "order".status, coalesce("order".approved_by, 'nobody'),
        "order".approval_reasons) as detail
      from purchasing.orders "order"
      where case
        when jsonb_array_length("order".approval_reasons) = 0 then "order".status = 'awaiting_approval'
        else "order".approved_by is null and "order".status not in ('awaiting_approval', 'declined', 'expired', 'cancelled')
      end`,
  },
  {
    name: 'approval_recorded',
    rule: 'Whoever approved an order is a person, and its story tells of it.',
    find: () => sql`
      select "order".id as subject, format('approved by %s', "order".approved_by) as detail
      from purchasing.orders "order"
      where "order".approved_by is not null and not exists (
        select from purchasing.order_history history
        where history.order_id = "order".id and history.kind = 'approved'
          and history.details ->> 'from' = 'awaiting_approval' and history.actor = 'person:' || "order".approved_by)`,
  },
  {
    name: 'agent_request_approved',
    rule: 'What the agent asked for itself is never bought without a person’s approval.',
    find: () => sql`
      select "order".id as subject, format('holds %s, which the agent asked for', line ->> 'itemId') as detail
      from purchasing.orders "order"
      join purchasing.quotes quote on quote.id = "order".quote_id
      cross join jsonb_array_elements(quote.content -> 'orders') offered
      cross join jsonb_array_elements(offered -> 'lines') line
      where offered ->> 'supplierId' = "order".supplier_id and line -> 'needsPersonBecause' ? 'agent_request'
        and jsonb_array_length("order".approval_reasons) = 0`,
  },
]
