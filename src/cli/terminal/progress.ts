import { cutToWidth } from './text-width.js'

/** What time it is and what comes again, so that a test can be it. */
export interface ProgressClock {
  /** In milliseconds, from whenever. */
  readonly now: () => number
  /** Does something again and again; the answer ends that. */
  readonly every: (ms: number, work: () => void) => () => void
}

export interface ProgressOptions {
  readonly write: (text: string) => void
  /** Of the terminal; the line never wraps. */
  readonly columns: number
  readonly clock?: ProgressClock
}

/** One line at the end of what a terminal shows, which says what is being waited for and is gone when that is over. */
export interface Progress {
  /**
   * Does the work. What takes longer than a second is shown until it is over; of several within each other the innermost.
   * Text that is a function is asked again each time, for what changes meanwhile.
   */
  during<T>(text: ProgressText, work: () => Promise<T>, options?: DuringOptions): Promise<T>
  /** Takes the line away, since something else is going to be written. It comes back by itself. */
  clear(): void
}

export type ProgressText = string | (() => string)

export interface DuringOptions {
  /** How long nothing is shown; a second by default. */
  readonly afterMs?: number
}

const defaultAfterMs = 1_000
const tickMs = 120
/** Below that the time says nothing. */
const shownSeconds = 3
const frames = ['-', '\\', '|', '/']
const erase = '\r\u001B[K'

export function createProgress({ write, columns, clock = machineClock }: ProgressOptions): Progress {
  const waiting: { readonly text: ProgressText; readonly since: number; readonly showAt: number }[] = []
  let stop: (() => void) | null = null
  let isShown = false
  let frame = 0

  const clear = () => {
    if (isShown) write(erase)
    isShown = false
  }
  const draw = () => {
    const innermost = waiting.at(-1)
    if (innermost === undefined || waiting.every(({ showAt }) => clock.now() < showAt)) return clear()
    frame += 1
    const seconds = Math.floor((clock.now() - innermost.since) / 1_000)
    const isOwnText = typeof innermost.text === 'function'
    const text = typeof innermost.text === 'function' ? innermost.text() : innermost.text
    const time = isOwnText || seconds < shownSeconds ? '' : ` ${seconds} s`
    write(`${erase}${cutToWidth(`${frames[frame % frames.length]} ${text}${time}`, columns - 1)}`)
    isShown = true
  }
  return {
    async during(text, work, { afterMs = defaultAfterMs } = {}) {
      const since = clock.now()
      const entry = { text, since, showAt: since + afterMs }
      waiting.push(entry)
      stop ??= clock.every(tickMs, draw)
      try {
        return await work()
      } finally {
        waiting.splice(waiting.indexOf(entry), 1)
        if (waiting.length === 0) {
          stop?.()
          stop = null
          clear()
        }
      }
    },
    clear,
  }
}

/** For where nobody looks: does the work and says nothing. */
export const silentProgress: Progress = {
  during: (_text, work) => work(),
  clear: () => undefined,
}

const machineClock: ProgressClock = {
  now: () => performance.now(),
  every: (ms, work) => {
    const timer = setInterval(work, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}
