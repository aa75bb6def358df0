/**
 * The whole way from an instance to its best plan: local search, then every case or the integer program, part by part.
 * Blocks its thread for as long as it may take, so it runs in a thread of its own (`solve-worker.ts`); what it has found
 * by then is reported as it goes, so that nothing is lost when the thread is killed.
 */
import type { Highs } from 'highs'
import type { BasketMethod } from './basket.js'
import type { Cover } from './covers.js'
import { undominatedOffers } from './dominated-offers.js'
import { enumerate } from './enumerate.js'
import { unavoidableShortage } from './highs-model.js'
import type { Instance } from './instance.js'
import { effortFor, type SearchResult, searchLocally } from './local-search.js'
import { type Part, restrictTo, separateParts, wholePart, widenPacks } from './parts.js'
import { isAllowed, type PlanSums, sumUp } from './plan-sums.js'
import { proveModel } from './prove-model.js'
import { leastGoods } from './prune-offers.js'

export interface SolveTools {
  readonly loadHighs: () => Promise<Highs>
  /** Milliseconds from any beginning. */
  readonly now: () => number
  readonly deadline: number
  readonly report: (found: Found) => void
}

/** A plan of the whole instance that breaks no rule. */
export interface Found {
  /** By offer. */
  readonly packs: Int32Array
  readonly method: BasketMethod
  /** No plan leaves less uncovered than this. */
  readonly shortageBound: number
  /** No plan that leaves no more uncovered lands for less; null: nothing is proven. */
  readonly bound: number | null
}

/** What is known of one part. */
export interface PartState {
  readonly packs: Int32Array
  readonly sums: PlanSums
  readonly method: BasketMethod
  readonly shortageBound: number
  readonly bound: number | null
}

/** Up to here trying every case is faster than starting the integer program. */
const enumerationLimits = { coversPerItem: 5_000, steps: 150_000 }

/** The local search has its share of the time, and no more than this. */
const maxSearchMs = 2_000
/** How often a part that isn't proven gets a share of what time is left. */
const maxRounds = 4

/** As `solveInstance`, at once, where there are but a few cases; null: there are more. */
export function solveTiny(instance: Instance): Found | null {
  if (instance.offers.length > maxTinyOffers) return null
  const parts = instance.budget === null ? separateParts(instance) : [wholePart(instance)]
  const states: PartState[] = []
  for (const { instance: part } of parts) {
    const exact = enumerate(part, startOf(part, []), tinyLimits)
    if (exact === null) return null
    states.push(exactState(part, exact.covers))
  }
  return mergeStates(instance, parts, states)
}

/** A few milliseconds, for the thread that everything else runs in. */
const maxTinyOffers = 40
const tinyLimits = { coversPerItem: 200, steps: 2_000 }

export async function solveInstance(instance: Instance, tools: SolveTools): Promise<Found> {
  const needed = undominatedOffers(instance)
  if (needed.length === instance.offers.length) return solveNeeded(instance, tools)
  const part = restrictTo(instance, needed)
  const widen = (found: Found): Found => ({ ...found, packs: widenPacks(instance, part, found.packs) })
  return widen(await solveNeeded(part.instance, { ...tools, report: (found) => tools.report(widen(found)) }))
}

async function solveNeeded(instance: Instance, tools: SolveTools): Promise<Found> {
  const parts = separateParts(instance)
  const separate = await solveParts(instance, parts, tools, instance.budget === null)
  if (instance.budget === null || sumUp(instance, separate.packs).gross <= instance.budget) return separate
  // It falls apart no more: what is bought in one place is missing in another.
  return solveParts(instance, [wholePart(instance)], tools, true)
}

async function solveParts(
  instance: Instance,
  parts: readonly Part[],
  tools: SolveTools,
  isFinal: boolean,
): Promise<Found> {
  const merge = (states: readonly PartState[]): Found => mergeStates(instance, parts, states)
  const states = startParts(parts, tools)
  const report = () => {
    const found = merge(states)
    if (isAllowed(sumUp(instance, found.packs))) tools.report(found)
  }
  report()
  // Within a budget the parts on their own are worth proving only if they may turn out to be within it.
  if (!isFinal && !isAllowed(sumUp(instance, merge(states).packs))) return merge(states)
  const openParts = () =>
    parts.flatMap((part, index) => {
      const state = states[index]
      return state === undefined || isProven(state) ? [] : [{ part, index, state }]
    })
  // Time that one part leaves over is for those that came before it, too.
  for (let round = 0, open = openParts(); round < maxRounds && open.length > 0; round++, open = openParts()) {
    let left = open.reduce((sum, { part }) => sum + part.offers.length, 0)
    for (const { part, index, state } of open) {
      const now = tools.now()
      states[index] = await proveModel(part.instance, state, {
        ...tools,
        deadline: now + ((tools.deadline - now) * part.offers.length) / left,
        report: (better) => {
          states[index] = better
          report()
        },
      })
      left -= part.offers.length
      report()
    }
    if (parts.length === 1) break
  }
  return merge(states)
}

function isProven({ sums, shortageBound, bound }: PartState): boolean {
  return sums.shortage === shortageBound && bound === sums.cost
}

/** A good plan of each part; they share the time by their size. */
function startParts(parts: readonly Part[], { now, deadline }: SolveTools): PartState[] {
  const begin = now()
  const end = Math.min(begin + maxSearchMs, begin + (deadline - begin) / 2)
  let left = parts.reduce((sum, { offers }) => sum + offers.length, 0)
  return parts.map((part) => {
    const share = part.offers.length / left
    left -= part.offers.length
    return startPart(part, now, now() + (end - now()) * share)
  })
}

/** A good plan of the part, and the best one where it is tiny. */
function startPart({ instance }: Part, now: () => number, end: number): PartState {
  const search = searchLocally(instance, effortFor(instance))
  let found: SearchResult | null = null
  for (let step = search.next(); ; step = search.next()) {
    found = step.value
    if (step.done === true || (found !== null && now() > end)) break
  }
  const covers = found?.worth.broken === 0 ? found.covers : []
  const exact = enumerate(instance, startOf(instance, covers), enumerationLimits)
  if (exact !== null) return exactState(instance, exact.covers)
  const packs = packsOf(instance, covers)
  const sums = sumUp(instance, packs)
  const shortageBound = unavoidableShortage(instance)
  const bound = sums.shortage === shortageBound ? leastGoods(instance) : null
  return { packs, sums, method: 'local_search', shortageBound, bound }
}

function exactState(instance: Instance, covers: readonly Cover[]): PartState {
  const packs = packsOf(instance, covers)
  const sums = sumUp(instance, packs)
  return { packs, sums, method: 'enumeration', shortageBound: sums.shortage, bound: sums.cost }
}

function startOf(instance: Instance, covers: readonly Cover[]): SearchResult {
  const { shortage, cost } = sumUp(instance, packsOf(instance, covers))
  return { covers, worth: { broken: 0, shortage, cost } }
}

export function packsOf(instance: Instance, covers: readonly Cover[]): Int32Array {
  const packs = new Int32Array(instance.offers.length)
  for (const { lines } of covers) for (const line of lines) packs[line.offer] = line.packs
  return packs
}

function mergeStates(instance: Instance, parts: readonly Part[], states: readonly PartState[]): Found {
  const packs = new Int32Array(instance.offers.length)
  let bound: number | null = 0
  // What nobody offers is in no part.
  let shortageBound = unavoidableShortage({
    ...instance,
    items: instance.items.filter((item) => item.offers.length === 0),
  })
  for (const [index, part] of parts.entries()) {
    const state = states[index]
    if (state === undefined) continue
    for (const [number, offer] of part.offers.entries()) packs[offer] = state.packs[number] ?? 0
    shortageBound += state.shortageBound
    bound = bound === null || state.bound === null ? null : bound + state.bound
  }
  const methods = new Set(states.map(({ method }) => method))
  return {
    packs,
    method: methods.has('local_search')
      ? 'local_search'
      : methods.has('integer_program')
        ? 'integer_program'
        : 'enumeration',
    shortageBound,
    bound,
  }
}
