import { sql } from 'kysely'
import type { Invariant } from './invariant.js'

/** Stated again on purpose, and not taken from the code that makes the moves: a test holds the two against each other. */
export const allowedMoves: Readonly<Record<string, readonly string[]>> = {
  awaiting_approval: ['approved', 'declined', 'expired', 'cancelled'],
  approved: ['submitting', 'cancelled'],
  submitting: ['approved', 'submitted', 'confirmed', 'rejected', 'cancelled', 'unknown'],
  submitted: ['confirmed', 'partially_received', 'received', 'rejected', 'cancelled', 'closed_short'],
  confirmed: ['partially_received', 'received', 'rejected', 'cancelled', 'closed_short'],
  partially_received: ['received', 'closed_short'],
  unknown: ['approved', 'submitted', 'confirmed', 'partially_received', 'received', 'rejected', 'cancelled'],
  received: [],
  closed_short: [],
  rejected: [],
  declined: [],
  expired: [],
  cancelled: [],
}

const statuses = Object.keys(allowedMoves)
const moves = sql.join(
  Object.entries(allowedMoves).flatMap(([from, targets]) => targets.map((to) => sql`(${from}, ${to})`)),
)

/** Nothing more comes of these. */
export const finalStatuses = sql.join(statuses.filter((status) => allowedMoves[status]?.length === 0))

/** How orders get from one status to the next. */
export const statusInvariants: readonly Invariant[] = [
  {
    name: 'status_moves',
    rule: 'An order’s story begins with its placing and goes on in allowed moves alone, each from where the last one led.',
    find: () => sql`
      with moves(source, target) as (values ${moves}), story as (
        select id, order_id, kind, details,
          lag(case when kind in ('placed', 'imported') then details ->> 'status' else kind end) over (partition by order_id order by id) as before
        from purchasing.order_history where kind in ('placed', 'imported', ${sql.join(statuses)})
      )
      select order_id as subject, format('%s after %s, said to be from %s', kind, coalesce(before, 'nothing'),
        coalesce(details ->> 'from', 'nowhere')) as detail
      from story
      where case kind
        when 'imported' then before is not null
        when 'placed' then before is not null or coalesce(details ->> 'status', '') not in ('awaiting_approval', 'approved')
        else details ->> 'from' is distinct from before
          or not exists (select from moves where moves.source = story.before and moves.target = story.kind)
        end`,
  },
  {
    name: 'status_told',
    rule: 'An order stands where its story ends.',
    find: () => sql`
      select "order".id as subject, format('it is %s, its story ends with %s', "order".status, coalesce(last.status, 'nothing')) as detail
      from purchasing.orders "order"
      left join lateral (
        select case when kind in ('placed', 'imported') then details ->> 'status' else kind end as status
        from purchasing.order_history history
        where history.order_id = "order".id and kind in ('placed', 'imported', ${sql.join(statuses)})
        order by id desc limit 1
      ) last on true
      where last.status is distinct from "order".status`,
  },
]
