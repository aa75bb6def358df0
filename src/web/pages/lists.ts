import type { ListView } from '../../stock/lists.js'

/** Where each list's clock hangs; what belongs to none is shown in UTC. */
export function zonesOf(lists: readonly ListView[]): (list: string) => string {
  const zones = new Map(lists.map(({ id, timeZone }) => [id, timeZone]))
  return (list) => zones.get(list) ?? 'UTC'
}

/** What each list is called; a list that is gone keeps its id. */
export function namesOf(lists: readonly ListView[]): (list: string) => string {
  const names = new Map(lists.map(({ id, name }) => [id, name]))
  return (list) => names.get(list) ?? list
}
