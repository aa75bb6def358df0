import { sql } from 'kysely'
import type { Invariant } from './invariant.js'

/** What a fence stands at that is shut for good. */
const closedFence = Number.MAX_SAFE_INTEGER

/** Runs: once a slot, one at a time, never stuck, never silent. */
export const runInvariants: readonly Invariant[] = [
  {
    name: 'run_decisions',
    rule: 'Every run that has ended says what became of each item it began with, and why.',
    find: () => sql`
      select run.id as subject, format('%s, item %s (%s): %s', run.status, item ->> 'itemId', item ->> 'name',
        coalesce(decided.decision, 'no decision')) as detail
      from restock.runs run
      cross join jsonb_array_elements(coalesce(run.snapshot, '{"items": []}') -> 'items') item
      left join lateral (
        select entry ->> 'decision' as decision, entry ->> 'reason' as reason
        from jsonb_array_elements(coalesce(run.outcome, '{"items": []}') -> 'items') entry
        where entry ->> 'itemId' = item ->> 'itemId'
      ) decided on true
      where run.status in ('completed', 'failed')
        and (decided.decision is null or btrim(coalesce(decided.reason, '')) = ''
          or decided.decision not in ('ordered', 'pending_approval', 'refused', 'skipped', 'needs_attention', 'unknown'))
      union all
      select id, 'completed without an outcome' from restock.runs where status = 'completed' and outcome is null`,
  },
  {
    name: 'one_run_at_work',
    rule: 'At most one run works on a list.',
    find: () => sql`
      select list as subject, string_agg(id, ', ' order by id) as detail
      from restock.runs where status = 'running' group by list having count(*) > 1`,
  },
  {
    name: 'run_not_stuck',
    rule: 'A run whose worker is gone is taken over or ended soon after its lease.',
    find: ({ stuckAfterMs }) => sql`
      select id as subject, format('running, its lease ended at %s', coalesce(lease_until::text, 'no known time')) as detail
      from restock.runs
      where status = 'running'
        and coalesce(lease_until, started_at, created_at) < clock_timestamp() - ${stuckAfterMs} * interval '1 millisecond'`,
  },
  {
    name: 'run_once_a_slot',
    rule: 'A schedule has one run for a slot.',
    find: () => sql`
      select schedule_id as subject, format('%s: %s', slot, string_agg(id, ', ' order by id)) as detail
      from restock.runs where schedule_id is not null group by schedule_id, slot having count(*) > 1`,
  },
  {
    name: 'fences_follow_claims',
    rule: 'No fence is above its run’s epoch, but for runs that have ended, whose last claim is shut out too; that of a completed run shuts out every earlier claim.',
    find: () => sql`
      select run.id as subject, format('epoch %s (%s), the fence of %s stands at %s', run.epoch, run.status, fence.server,
        fence.epoch) as detail
      from restock.runs run
      join (select 'the list' as server, run_id, epoch from stock.fences
        union all select 'ordering', run_id, epoch from purchasing.fences) fence on fence.run_id = run.id
      where (fence.epoch > run.epoch and not (run.status in ('completed', 'failed') and fence.epoch = ${closedFence}))
        or (run.status = 'completed' and fence.epoch < run.epoch)`,
  },
]
