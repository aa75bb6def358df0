import { setImmediate } from 'node:timers/promises'
import { unavoidableShortage } from './highs-model.js'
import type { Instance } from './instance.js'
import { searchLocally } from './local-search.js'
import type { Found } from './solve-instance.js'

const sliceMs = 8
const effort = { looks: 300_000, patience: 100 }

/**
 * The local search alone, in the thread that everything else runs in: for when no other thread answers. It gives way
 * every few milliseconds, and stops at a time limit with the best so far.
 */
export async function searchInSlices(instance: Instance, timeLimitMs: number): Promise<Found> {
  const packs = new Int32Array(instance.offers.length)
  const begin = performance.now()
  const search = searchLocally(instance, effort)
  let sliceBegin = begin
  for (let step = search.next(); ; step = search.next()) {
    const now = performance.now()
    if (step.done === true || now - begin > timeLimitMs) {
      const { covers, worth } = step.value
      if (worth.broken === 0) for (const { lines } of covers) for (const line of lines) packs[line.offer] = line.packs
      return { packs, method: 'local_search', shortageBound: unavoidableShortage(instance), bound: null }
    }
    if (now - sliceBegin < sliceMs) continue
    await setImmediate()
    sliceBegin = performance.now()
  }
}
