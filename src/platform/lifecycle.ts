import { constants } from 'node:os'
import type { Logger } from './context.js'

export interface Lifecycle {
  /** Registers what must be closed. Closing goes in reverse order: what was opened last goes first. */
  own(name: string, close: () => Promise<void>): void
  /** Closes everything, within the deadline; once, however often it is called. */
  close(): Promise<void>
}

/**
 * Keeps what a process has opened and closes it in order. One part that fails or hangs doesn't keep the others from closing:
 * each gets what is left of the deadline, at least a second.
 */
export function createLifecycle(log: Logger, deadlineMs: number): Lifecycle {
  const owned: { readonly name: string; readonly close: () => Promise<void> }[] = []
  let closing: Promise<void> | undefined
  const closeAll = async () => {
    const deadline = performance.now() + deadlineMs
    for (let part = owned.pop(); part !== undefined; part = owned.pop()) {
      const { name } = part
      const left = Math.max(1_000, deadline - performance.now())
      try {
        await within(part.close(), left, () => log.warn({ part: name }, 'did not stop in time; leaving it'))
      } catch (error) {
        log.warn({ err: error, part: name }, 'could not be stopped cleanly')
      }
    }
  }
  return {
    own: (name, close) => {
      owned.push({ name, close })
    },
    close: () => {
      closing ??= closeAll()
      return closing
    },
  }
}

async function within(work: Promise<void>, deadlineMs: number, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onLate()
      resolve()
    }, deadlineMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves with the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once, with the customary exit code. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (isStopping) process.exit(exitCodeOf(signal))
      isStopping = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    // The terminal was closed.
    process.on('SIGHUP', onSignal)
  })
}

/** As shells have it: 128 and the signal's number. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

/** How long a process that has closed everything gets for ending by itself. */
const lastMs = 1_000

/** Called when everything is closed: work that hangs and was abandoned (a request that nobody answers) keeps no process alive. */
export function endSoon(log: Logger): void {
  setTimeout(() => {
    log.warn({}, 'ending although something that was abandoned still hangs')
    process.exit()
  }, lastMs).unref()
}

const lostConnection: ReadonlySet<unknown> = new Set(['57P01', '57P02', '57P03', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE'])

/** A server that went away: whoever used the connection hears of it by its own next call. */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && lostConnection.has(error.code)) || error.message === 'Connection terminated unexpectedly'
}

/**
 * For processes that outlive their database and queue: libraries keep connections (to listen on, or checked out and idle)
 * that nobody listens to for errors, and one such error would end everything. Anything else that is uncaught still does.
 */
export function surviveLostConnections(log: Logger): void {
  process.on('uncaughtException', (error) => {
    if (isLostConnection(error)) {
      log.warn({ err: error }, 'a connection was lost')
      return
    }
    log.error({ err: error }, 'ending: an error that nobody expected')
    process.exit(1)
  })
}
