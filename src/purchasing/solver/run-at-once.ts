/** For work that yields often, where nobody has to be given way to: in a thread of its own, or when there is little of it. */
export function runAtOnce<Result>(work: Iterator<unknown, Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value
}
