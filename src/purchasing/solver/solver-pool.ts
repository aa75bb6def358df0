import type { Instance } from './instance.js'
import { SolverThread, type ThreadAnswer } from './solver-thread.js'

/** Solving threads, started when they are needed; one stays warm for the next basket. */
export class SolverPool {
  readonly #entry: URL
  readonly #size: number
  readonly #threads = new Set<SolverThread>()
  readonly #idle: SolverThread[] = []
  readonly #waiting: (() => void)[] = []
  #running = 0
  #isClosed = false

  constructor(entry: URL, size: number) {
    this.#entry = entry
    this.#size = size
  }

  /** The limit counts from here, also while others are being solved. */
  async solve(instance: Instance, timeLimitMs: number, signal: AbortSignal | undefined): Promise<ThreadAnswer> {
    const begin = performance.now()
    const hasPlace = await this.#enter(timeLimitMs, signal)
    if (!hasPlace) return { plan: null, end: 'time', failure: 'no solving thread was free in time' }
    try {
      if (this.#isClosed) return { plan: null, end: 'failed', failure: 'the solver is closed' }
      const thread = this.#take()
      const left = Math.max(1, timeLimitMs - (performance.now() - begin))
      const answer = await thread.solve(instance, left, signal)
      await this.#giveBack(thread)
      return answer
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#idle.length = 0
    await Promise.all([...this.#threads].map((thread) => thread.close()))
    this.#threads.clear()
  }

  /** Waits for a place among the running; false: time is up, or nobody wants it any more. */
  async #enter(timeLimitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#running < this.#size) {
      this.#running += 1
      return true
    }
    return new Promise((resolve) => {
      const settle = (hasPlace: boolean) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        const index = this.#waiting.indexOf(enter)
        if (index >= 0) this.#waiting.splice(index, 1)
        resolve(hasPlace)
      }
      const enter = () => {
        this.#running += 1
        settle(true)
      }
      const giveUp = () => settle(false)
      const timer = setTimeout(giveUp, timeLimitMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(enter)
    })
  }

  #take(): SolverThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.isUsable) return thread
      this.#threads.delete(thread)
    }
    const thread = new SolverThread(this.#entry)
    this.#threads.add(thread)
    return thread
  }

  async #giveBack(thread: SolverThread): Promise<void> {
    if (thread.isUsable && this.#idle.length === 0 && !this.#isClosed) {
      this.#idle.push(thread)
      return
    }
    this.#threads.delete(thread)
    await thread.close()
  }
}
