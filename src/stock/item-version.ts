import { createHash } from 'node:crypto'
import type { ItemRow } from './item-view.js'

/** What happens to an item without anybody changing what is wanted of it. */
const notSettings: ReadonlySet<string> = new Set([
  'id',
  'list',
  'origin',
  'snoozed_until',
  'snooze_reason',
  'confirmed_movement',
  'created_at',
  'updated_at',
  'archived_at',
] satisfies (keyof ItemRow)[])

/**
 * Stays the same until a person changes a setting of the item. Ordering uses it: what was declined may be offered again once
 * the item isn't the one that was declined. A snooze changes nothing, or a model could talk its way around a decline.
 */
export function itemVersion(item: ItemRow): string {
  const settings = Object.entries(item)
    .filter(([column]) => !notSettings.has(column))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
}
