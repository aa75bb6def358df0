import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

export interface LoopDelay {
  /** The longest time between two turns of the event loop, this machine's other work included. */
  readonly longestMs: number
  /** The most that this thread itself computed between two turns; null: only Linux tells. */
  readonly ownMs: number | null
}

export interface Watched<T> {
  readonly result: T
  readonly delay: LoopDelay
  /** Processor time of all threads of this process. */
  readonly processorMs: number
}

/** How long the event loop of this thread is held up while something is done. */
export async function watchLoop<T>(work: () => Promise<T>): Promise<Watched<T>> {
  let longestMs = 0
  let ownMs: number | null = null
  let turnedAt = performance.now()
  let computed = computedMs()
  const timer = setInterval(() => {
    const now = performance.now()
    const computedNow = computedMs()
    longestMs = Math.max(longestMs, now - turnedAt)
    if (computed !== null && computedNow !== null) ownMs = Math.max(ownMs ?? 0, computedNow - computed)
    turnedAt = now
    computed = computedNow
  }, 1)
  try {
    // A first turn before, and a last one after the work.
    await setTimeout(5)
    const before = process.cpuUsage()
    const result = await work()
    const { user, system } = process.cpuUsage(before)
    await setTimeout(5)
    return { result, delay: { longestMs, ownMs }, processorMs: (user + system) / 1000 }
  } finally {
    clearInterval(timer)
  }
}

/** Processor time of the main thread, to a few milliseconds. */
function computedMs(): number | null {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return null
  }
}
