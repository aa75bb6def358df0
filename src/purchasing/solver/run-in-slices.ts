import { setImmediate } from 'node:timers/promises'

const sliceMs = 4

/** For work that yields often, in the thread that everything else runs in: gives way to others every few milliseconds. */
export async function runInSlices<Result>(work: Iterator<unknown, Result>): Promise<Result> {
  let begin = performance.now()
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    if (performance.now() - begin < sliceMs) continue
    await setImmediate()
    begin = performance.now()
  }
}
