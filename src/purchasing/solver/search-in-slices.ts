import { unavoidableShortage } from './highs-model.js'
import type { Instance } from './instance.js'
import { type SearchResult, searchLocally } from './local-search.js'
import { runInSlices } from './run-in-slices.js'
import { type Found, packsOf } from './solve-instance.js'

const effort = { looks: 300_000, patience: 100 }

/**
 * The local search alone, in the thread that everything else runs in: for when no other thread answers. It gives way
 * every few milliseconds, and stops at a time limit with the best so far, though not before it has a first plan.
 */
export async function searchInSlices(instance: Instance, timeLimitMs: number): Promise<Found> {
  const { covers, worth } = await runInSlices(searchUntil(instance, performance.now() + timeLimitMs))
  const packs = packsOf(instance, worth.broken === 0 ? covers : [])
  return { packs, method: 'local_search', shortageBound: unavoidableShortage(instance), bound: null }
}

function* searchUntil(instance: Instance, end: number): Generator<void, SearchResult> {
  const search = searchLocally(instance, effort)
  for (let step = search.next(); ; step = search.next()) {
    if (step.done === true) return step.value
    if (step.value !== null && performance.now() > end) return step.value
    yield
  }
}
