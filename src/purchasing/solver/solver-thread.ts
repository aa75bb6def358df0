/**
 * A thread that solves, and how long it may take: at the deadline it is killed, whatever it is doing, and the best plan
 * that it had reported by then counts.
 */
import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { DescribedPlan } from './assemble-plan.js'
import type { Instance } from './instance.js'
import { packOffers } from './pack-offers.js'
import type { SolveReply, SolveRequest } from './solve-messages.js'

/** The compiled thread: beside this file, or, while the sources run as they are, where the build puts it. */
export function findWorker(): URL {
  const beside = new URL('./solve-worker.js', import.meta.url)
  return existsSync(beside) ? beside : new URL('../../../dist/src/purchasing/solver/solve-worker.js', import.meta.url)
}

/** How a solve ended. `failed`: the thread broke, which is our own fault and worth a look. */
export interface ThreadAnswer {
  /** null: it had found nothing yet. */
  readonly plan: DescribedPlan | null
  readonly end: 'done' | 'time' | 'aborted' | 'failed'
  readonly failure: string | null
}

/** WASM memory only grows; a thread that has solved something huge isn't worth keeping. */
const mostMemoryBytes = 256 * 1024 * 1024
/** What HiGHS is asked to leave of the time, so that the thread ends by itself and can be used again. */
const reserveShare = 0.03
const leastReserveMs = 30

export class SolverThread {
  readonly #worker: Worker
  #isUsable = true

  constructor(entry: URL) {
    this.#worker = new Worker(entry, { name: 'restock-solver', stdin: false })
    this.#worker.on('error', () => {
      this.#isUsable = false
    })
    this.#worker.on('exit', () => {
      this.#isUsable = false
    })
    // Idle, it keeps no process alive.
    this.#worker.unref()
  }

  /** Whether it can be given another instance. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  async solve(instance: Instance, timeLimitMs: number, signal: AbortSignal | undefined): Promise<ThreadAnswer> {
    if (signal?.aborted === true) return { plan: null, end: 'aborted', failure: null }
    const { promise, resolve } = newPromise<ThreadAnswer>()
    let best: DescribedPlan | null = null
    const finish = (end: ThreadAnswer['end'], failure: string | null) => {
      if (end !== 'done') this.#isUsable = false
      resolve({ plan: best, end, failure })
    }
    const onMessage = (reply: SolveReply) => {
      if (reply.kind === 'failed') return finish('failed', reply.message)
      best = reply.plan
      if (reply.kind === 'found') return
      if (reply.memoryBytes > mostMemoryBytes) this.#isUsable = false
      finish('done', null)
    }
    const onError = (error: Error) => finish('failed', error.message.slice(0, 500))
    const onExit = () => finish('failed', 'the solving thread ended early')
    const onAbort = () => finish('aborted', null)
    const timer = setTimeout(() => finish('time', null), timeLimitMs)
    this.#worker.ref()
    this.#worker.on('message', onMessage)
    this.#worker.on('error', onError)
    this.#worker.on('exit', onExit)
    signal?.addEventListener('abort', onAbort, { once: true })
    const reserve = Math.max(leastReserveMs, timeLimitMs * reserveShare)
    const { offers, ...rest } = instance
    const request: SolveRequest = {
      instance: rest,
      offers: packOffers(offers),
      timeLimitMs: Math.max(1, timeLimitMs - reserve),
    }
    this.#worker.postMessage(request, [request.offers.buffer])
    const answer = await promise
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    this.#worker.off('message', onMessage)
    this.#worker.off('error', onError)
    this.#worker.off('exit', onExit)
    this.#worker.unref()
    if (!this.#isUsable) await this.close()
    return answer
  }

  /** Harmless to call twice. */
  async close(): Promise<void> {
    this.#isUsable = false
    await this.#worker.terminate()
  }
}

function newPromise<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
