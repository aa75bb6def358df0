/**
 * The thread that solves: one request at a time, reporting as it goes. Whoever started it may kill it at any moment. It
 * loads HiGHS when a request first needs it and keeps it for the next.
 */
import { parentPort } from 'node:worker_threads'
import type { Highs } from 'highs'
import { describePlans } from './describe-plan.js'
import { loadHighs } from './load-highs.js'
import { unpackOffers } from './pack-offers.js'
import { type Found, solveInstance } from './solve-instance.js'
import type { SolveReply, SolveRequest } from './solve-messages.js'

if (parentPort === null) throw new Error('solve-worker is started as a thread, by solver-thread')
const port = parentPort
const reply = (message: SolveReply) => port.postMessage(message)
let loading: Promise<Highs> | null = null
let memoryBytes = 0

async function keepHighs(): Promise<Highs> {
  loading ??= loadHighs()
  return loading
}

async function solve(request: SolveRequest): Promise<void> {
  const begin = performance.now()
  const instance = { ...request.instance, offers: unpackOffers(request.offers) }
  const describe = describePlans(instance)
  const found = await solveInstance(instance, {
    loadHighs: keepHighs,
    now: () => performance.now(),
    deadline: begin + request.timeLimitMs,
    report: (better: Found) => reply({ kind: 'found', plan: describe(better) }),
  })
  if (loading !== null) memoryBytes = (await loading).memoryBytes
  reply({ kind: 'done', plan: describe(found), memoryBytes })
}

port.on('message', (request: SolveRequest) => {
  solve(request).catch((error: unknown) => {
    // Messages of the WASM loader can be its whole source text.
    const message = error instanceof Error ? error.message : String(error)
    reply({ kind: 'failed', message: message.slice(0, 500) })
  })
})
