import type { Clock } from '../../platform/context.js'

const windowMs = 60_000
const maxPerAddress = 10
/** Guesses from everywhere together: a machine with many addresses gains nothing, and who is logged in isn't concerned. */
const maxTogether = 60
// Far more than the people of one installation.
const maxAddresses = 10_000

/** Counts wrong passwords and tokens of the last minute. Whoever gave too many waits until the minute is over, and no longer. */
export interface FailedAttempts {
  /** How long this address has to wait before its next attempt is looked at; 0: not at all. */
  waitMs(address: string): number
  note(address: string): void
}

export function createFailedAttempts(clock: Clock): FailedAttempts {
  const failures = new Map<string, readonly number[]>()
  let together: readonly number[] = []
  const recent = (instants: readonly number[], now: number) => instants.filter((instant) => instant > now - windowMs)
  return {
    waitMs(address) {
      const now = clock.now().getTime()
      const ofAddress = recent(failures.get(address) ?? [], now)
      together = recent(together, now)
      const waits = [waitFor(ofAddress, maxPerAddress, now), waitFor(together, maxTogether, now)]
      return Math.max(0, ...waits)
    },
    note(address) {
      const now = clock.now().getTime()
      const ofAddress = [...recent(failures.get(address) ?? [], now), now]
      // Put at the end, so that the first is the one that has been quiet for longest.
      failures.delete(address)
      failures.set(address, ofAddress)
      together = [...recent(together, now), now]
      const [first] = failures.keys()
      if (failures.size > maxAddresses && first !== undefined) failures.delete(first)
    },
  }
}

/** Until so many of them are more than a minute old that one more is allowed. */
function waitFor(instants: readonly number[], max: number, now: number): number {
  const oldest = instants.at(-max)
  return oldest === undefined ? 0 : oldest + windowMs - now
}
