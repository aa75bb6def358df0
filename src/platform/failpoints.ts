/**
 * Named places where a test can make this program die, stop, fail or wait, to prove what is left behind. Off unless a process
 * is started with `RESTOCK_FAILPOINTS`; then a place costs one comparison with null, and does nothing.
 *
 *   RESTOCK_FAILPOINTS='intent.after=kill@2, submit.before=delay:500@*'
 *
 * Each entry is `place=action`, with `@n` for the nth time that the place is reached (1 if not said) or `@*` for every time:
 *   kill         SIGKILL to this process            kill-parent  SIGKILL to the process that started this one
 *   stop         SIGSTOP; SIGCONT lets it go on     error        throws a FailpointError
 *   delay:ms     waits
 *
 * `RESTOCK_FAILPOINTS_LOG` names a file that gets a line for every place that is reached while any is armed, and one for every
 * action. With it, times are counted over all processes that share the file, and what was done once is not done again by a
 * process that is started anew; without it, each process counts for itself. The MCP servers that a worker starts get both
 * variables, since `commit` lies in one of them.
 *
 * Places, each `.before` and `.after`:
 *   claim     a worker makes a run its own                      snapshot  what is due is read, registered and kept
 *   answer    a model has answered; that is recorded            intent    that a write tool is going to be called is recorded
 *   send      a write tool is called; it has answered           commit    an order is committed, in the ordering server
 *   result    what a write tool answered is recorded            event     order events are applied to the list
 *   outcome   what became of every item is recorded             enqueue   a job is queued (schedules, runs, orders to send)
 *   submit    an order is sent to its supplier                  delivery  goods that came in are booked
 * and outside of runs:
 *   dump      a backup is written, under another name           publish   it gets its name
 *   draft     a restore makes an empty database                 load      that is filled from the backup (and after each table)
 *   settle    what a backup can't know is assumed               swap      it takes the place of the one that was there
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from './errors.js'

const places = [
  'claim',
  'snapshot',
  'answer',
  'intent',
  'send',
  'commit',
  'result',
  'event',
  'outcome',
  'enqueue',
  'submit',
  'delivery',
] as const

const backupPlaces = ['dump', 'publish', 'draft', 'load', 'settle', 'swap'] as const

type Place = (typeof places)[number] | (typeof backupPlaces)[number]
export type FailpointName = `${Place}.${'before' | 'after'}`

const beforeAndAfter = (place: Place): FailpointName[] => [`${place}.before`, `${place}.after`]

/** Those of a run, in the order in which it gets to them. */
export const failpointNames: readonly FailpointName[] = places.flatMap(beforeAndAfter)

const allNames: readonly FailpointName[] = [...failpointNames, ...backupPlaces.flatMap(beforeAndAfter)]

export type FailpointAction =
  | { readonly kind: 'kill' | 'kill-parent' | 'stop' | 'error' }
  | { readonly kind: 'delay'; readonly delayMs: number }

export interface ArmedFailpoint {
  readonly name: FailpointName
  readonly action: FailpointAction
  /** The how manyth time; null: every time. */
  readonly time: number | null
}

export interface FailpointSettings {
  readonly armed: readonly ArmedFailpoint[]
  /** As it was given, for the processes that this one starts. */
  readonly spec: string
  /** null: nothing is written down. */
  readonly logFile: string | null
}

export class FailpointError extends Error {
  override readonly name = 'FailpointError'

  constructor(name: FailpointName) {
    super(`failed on purpose at ${name}`)
  }
}

/** Reads the two variables; null: nothing is armed. Throws InputError that says what can be written. */
export function parseFailpoints(spec: string | undefined, logFile: string | undefined): FailpointSettings | null {
  const entries = (spec ?? '').split(',').map((entry) => entry.trim())
  const armed = entries.filter((entry) => entry !== '').map(parseEntry)
  return armed.length === 0 ? null : { armed, spec: spec ?? '', logFile: logFile || null }
}

function parseEntry(entry: string): ArmedFailpoint {
  const [, given = '', action = '', time = '1'] = /^([a-z.]+)=([a-z-]+(?::\d+)?)(?:@(\d+|\*))?$/.exec(entry) ?? []
  const name = allNames.find((candidate) => candidate === given)
  const parsed = parseAction(action)
  if (name === undefined || parsed === null || time === '0') {
    throw new InputError(
      `RESTOCK_FAILPOINTS: "${entry}" is not place=action@time; places are ${allNames.join(', ')}, actions kill, kill-parent, stop, error and delay:ms.`,
      'invalid_failpoint',
    )
  }
  return { name, action: parsed, time: time === '*' ? null : Number(time) }
}

function parseAction(text: string): FailpointAction | null {
  if (text === 'kill' || text === 'kill-parent' || text === 'stop' || text === 'error') return { kind: text }
  const delayMs = /^delay:(\d+)$/.exec(text)?.[1]
  return delayMs === undefined ? null : { kind: 'delay', delayMs: Number(delayMs) }
}

// One for the process, as what it is for is the process: code deep inside a transaction has no context that knows of it.
let current: Failpoints | null = null

/** Called by entries alone, once. null disarms. */
export function armFailpoints(settings: FailpointSettings | null): void {
  current = settings === null ? null : new Failpoints(settings)
}

/** A named place. Await it where something may be awaited; an action that takes time is over only then. */
export function failpoint(name: FailpointName): Promise<void> | undefined {
  return current === null ? undefined : current.reach(name)
}

class Failpoints {
  readonly #settings: FailpointSettings
  readonly #times = new Map<FailpointName, number>()
  #lines = 0

  constructor(settings: FailpointSettings) {
    this.#settings = settings
  }

  async reach(name: FailpointName): Promise<void> {
    const time = this.#count(name)
    for (const armed of this.#settings.armed) {
      if (armed.name !== name || (armed.time !== null && armed.time !== time)) continue
      this.#write(name, armed.action.kind)
      await act(name, armed.action)
    }
  }

  /** How many times the place has been reached, this one included. */
  #count(name: FailpointName): number {
    const { logFile } = this.#settings
    const time = (this.#times.get(name) ?? 0) + 1
    this.#times.set(name, time)
    if (logFile === null) return time
    const own = this.#write(name, 'reached')
    const lines = readFileSync(logFile, 'utf8').split('\n')
    // Appending is atomic, so every process sees the same order.
    return lines.slice(0, lines.indexOf(own) + 1).filter((line) => line.startsWith(`${name} reached `)).length
  }

  #write(name: FailpointName, what: string): string {
    this.#lines += 1
    const line = `${name} ${what} ${process.pid}.${this.#lines}`
    if (this.#settings.logFile !== null) appendFileSync(this.#settings.logFile, `${line}\n`)
    return line
  }
}

async function act(name: FailpointName, action: FailpointAction): Promise<void> {
  switch (action.kind) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return
    case 'kill-parent':
      process.kill(process.ppid, 'SIGKILL')
      return
    case 'stop':
      process.kill(process.pid, 'SIGSTOP')
      return
    case 'error':
      throw new FailpointError(name)
    case 'delay':
      await delay(action.delayMs)
  }
}

export interface FailpointLine {
  readonly name: FailpointName
  /** `reached`, or the action that was taken. */
  readonly what: string
  readonly pid: number
}

/** What a log file says, for the suites that need to know that a place was reached. A file that isn't there says nothing. */
export function readFailpointLog(logFile: string): FailpointLine[] {
  let text: string
  try {
    text = readFileSync(logFile, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [given, what, place] = line.split(' ')
    const name = allNames.find((candidate) => candidate === given)
    return name === undefined || what === undefined ? [] : [{ name, what, pid: Number.parseInt(place ?? '', 10) }]
  })
}
