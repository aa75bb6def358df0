import type { Hono } from 'hono'
import type pg from 'pg'
import type { BenchRow } from '../table.js'
import type { MeasuredPath } from './paths.js'
import { findScans, type WatchedPool } from './watch-plans.js'

const rounds = 40
/** Starting is rarer than looking. */
const firstRounds = 8
const promisedMs = 100
const promisedBytes = 150 * 1024

export interface Bench {
  /** Makes an app that has seen no request yet. */
  readonly start: () => Hono
  readonly app: Hono
  readonly watched: WatchedPool
  /** Explains what was asked, on a connection that isn't watched. */
  readonly plans: pg.ClientBase
  readonly bigTables: ReadonlySet<string>
}

/** Asks for one path again and again. Time and size are promised of pages alone, indexes of everything. */
export async function measurePath(bench: Bench, measured: MeasuredPath, isPage: boolean): Promise<BenchRow> {
  const { what, path, isFirst = false } = measured
  const ask = async () => {
    const app = isFirst ? bench.start() : bench.app
    const started = performance.now()
    const response = await app.request(path, { headers: { host: 'localhost:4270', 'accept-encoding': 'gzip' } })
    const bytes = (await response.arrayBuffer()).byteLength
    return { ms: performance.now() - started, bytes, status: response.status }
  }
  bench.watched.take()
  const { bytes, status, ms } = await ask()
  if (status !== 200) return { what, samplesMs: [ms], promisedMs: null, broken: [`${path} answered ${status}`] }
  const scanned = new Set<string>()
  for (const statement of bench.watched.take()) {
    for (const table of await findScans(bench.plans, statement, bench.bigTables)) scanned.add(table)
  }
  const samplesMs: number[] = []
  for (let round = 0; round < (isFirst ? firstRounds : rounds); round++) samplesMs.push((await ask()).ms)
  return {
    what,
    samplesMs,
    promisedMs: isPage && !isFirst ? promisedMs : null,
    judgedBy: 'p95',
    note: `${(bytes / 1024).toFixed(1)} KB`,
    broken: [
      ...(isPage && bytes > promisedBytes ? [`larger than ${promisedBytes / 1024} KB`] : []),
      ...[...scanned].sort().map((table) => `reads all of ${table}`),
    ],
  }
}
