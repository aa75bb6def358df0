/**
 * From a good plan to a proven one: first that no plan leaves less uncovered, where that isn't plain, then that none
 * that leaves no more costs less. Each with the program that `buildModel` makes, and made stricter where its solution
 * turns out to break a rule that the program leaves out.
 */
import type { Highs } from 'highs'
import { buildModel, hasGrossLimits, type ModelChoices, unavoidableShortage } from './highs-model.js'
import type { Instance } from './instance.js'
import { restrictTo, widenPacks } from './parts.js'
import { isAllowed, sumUp } from './plan-sums.js'
import { offersWorth } from './prune-offers.js'
import { runHighs } from './run-highs.js'
import type { PartState, SolveTools } from './solve-instance.js'
import { spendLess } from './spend-less.js'
import { trimPacks } from './trim-packs.js'

interface ProofTools extends Pick<SolveTools, 'loadHighs' | 'now' | 'deadline'> {
  readonly report: (state: PartState) => void
}

/** Less than this isn't worth starting for. */
const leastMs = 20
/** With more than these, cents of rounding take longer to get right than they are worth. */
const mostExactOffers = 80

export async function proveModel(instance: Instance, start: PartState, tools: ProofTools): Promise<PartState> {
  const state = start.sums.shortage === start.shortageBound ? start : await proveShortage(instance, start, tools)
  return state.sums.shortage === unavoidableShortage(instance)
    ? proveCostOfWorth(instance, state, tools)
    : proveCost(instance, state, tools)
}

/** In half the time at most: what it costs counts, too. */
async function proveShortage(instance: Instance, start: PartState, tools: ProofTools): Promise<PartState> {
  if (instance.offers.length === 0) return { ...start, shortageBound: start.sums.shortage, bound: start.sums.cost }
  if (tools.deadline - tools.now() < leastMs) return start
  const proof = new Proof(instance, start, tools)
  const highs = await tools.loadHighs()
  proof.run(highs, 'shortage', tools.now() + (tools.deadline - tools.now()) / 2)
  return proof.state
}

async function proveCost(instance: Instance, start: PartState, tools: ProofTools): Promise<PartState> {
  if (start.bound === start.sums.cost) return start
  if (tools.deadline - tools.now() < leastMs) return start
  const proof = new Proof(instance, start, tools)
  proof.run(await tools.loadHighs(), 'cost', tools.deadline)
  return proof.state
}

/** With only those offers that a cheaper plan could use. */
async function proveCostOfWorth(instance: Instance, start: PartState, tools: ProofTools): Promise<PartState> {
  const better = new Set(offersWorth(instance, start.sums.cost))
  // Every other case is ruled out.
  if (better.size === 0) return { ...start, method: 'enumeration', bound: start.sums.cost }
  const isUsed = (_: unknown, offer: number) => better.has(offer) || (start.packs[offer] ?? 0) > 0
  const worth = restrictTo(instance, [...instance.offers.keys()].filter(isUsed))
  const widen = (found: PartState): PartState => ({ ...found, packs: widenPacks(instance, worth, found.packs) })
  const narrowed = { ...start, packs: Int32Array.from(worth.offers, (offer) => start.packs[offer] ?? 0) }
  const found = await proveCost(worth.instance, narrowed, { ...tools, report: (better) => tools.report(widen(better)) })
  return widen(found)
}

class Proof {
  readonly #instance: Instance
  readonly #tools: ProofTools
  readonly #roundedItems = new Set<number>()
  #taxes: ModelChoices['taxes'] = 'least'
  state: PartState

  constructor(instance: Instance, start: PartState, tools: ProofTools) {
    this.#instance = instance
    this.#tools = tools
    this.state = start
  }

  run(highs: Highs, goal: ModelChoices['goal'], deadline: number): void {
    for (;;) {
      const left = deadline - this.#tools.now()
      if (left < leastMs) return
      // What a program that forbids too much says about the best plan is no bound for it.
      const onBound = this.#taxes === 'most' ? () => {} : (bound: number) => this.#raise(goal, bound)
      const answer = runHighs(highs, {
        model: buildModel(this.#instance, {
          goal,
          shortageLimit: this.state.sums.shortage,
          roundedItems: this.#roundedItems,
          taxes: this.#taxes,
        }),
        start: this.state.packs,
        seconds: left / 1000,
        isSimplified: hasGrossLimits(this.#instance),
        gap: 0.5,
        onSolution: (packs) => this.#consider(packs),
        onBound,
      })
      if (answer.packs === null) return
      this.#consider(answer.packs)
      onBound(answer.bound)
      const sums = sumUp(this.#instance, answer.packs)
      if (answer.isProven) onBound(sums[goal])
      const bound = goal === 'shortage' ? this.state.shortageBound : this.state.bound
      if (bound === this.state.sums[goal] || isAllowed(sums) || !answer.isProven) return
      if (!this.#makeStricter(sums.badlyRounded, sums.isTooDear)) return
    }
  }

  /** false: the program has said all it can. */
  #makeStricter(badlyRounded: readonly number[], isTooDear: boolean): boolean {
    const before = this.#roundedItems.size
    for (const item of badlyRounded) this.#roundedItems.add(item)
    const taxes = isTooDear && this.#taxes === 'least' ? this.#stricterTaxes() : this.#taxes
    const isStricter = this.#roundedItems.size > before || taxes !== this.#taxes
    this.#taxes = taxes
    return isStricter
  }

  #stricterTaxes(): ModelChoices['taxes'] {
    return this.#instance.offers.length <= mostExactOffers ? 'exact' : 'most'
  }

  #consider(found: Int32Array): void {
    const { badlyRounded } = sumUp(this.#instance, found)
    let packs = badlyRounded.length === 0 ? found : trimPacks(this.#instance, found, badlyRounded)
    if (sumUp(this.#instance, packs).isTooDear) packs = spendLess(this.#instance, packs) ?? packs
    const sums = sumUp(this.#instance, packs)
    const best = this.state.sums
    if (!isAllowed(sums)) return
    if (sums.shortage > best.shortage || (sums.shortage === best.shortage && sums.cost >= best.cost)) return
    this.#set({ packs, sums })
  }

  #raise(goal: ModelChoices['goal'], bound: number): void {
    if (goal === 'shortage') {
      const least = Math.max(safely(bound), unavoidableShortage(this.#instance))
      if (least > this.state.shortageBound) this.#set({ shortageBound: Math.min(least, this.state.sums.shortage) })
      return
    }
    const whole = safely(bound)
    if (!(whole > (this.state.bound ?? -1))) return
    this.#set({ bound: Math.min(whole, this.state.sums.cost) })
  }

  #set(change: Partial<PartState>): void {
    this.state = { ...this.state, method: 'integer_program', ...change }
    this.#tools.report(this.state)
  }
}

/** Costs and points are whole, so a bound may be rounded up; first a hair down, for it comes with rounding errors. */
function safely(bound: number): number {
  // The sum with 0 is never -0.
  return Math.ceil(bound - Math.max(1e-4, 1e-9 * Math.abs(bound))) + 0
}
