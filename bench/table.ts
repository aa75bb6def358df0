export interface BenchRow {
  readonly what: string
  readonly samplesMs: readonly number[]
  /** What it should stay under; null: nothing was promised. */
  readonly promisedMs: number | null
  /** What is held against the promise: the median, or what 95 of 100 stay under. */
  readonly judgedBy?: 'median' | 'p95'
  /** What else was found. */
  readonly note?: string
  /** Promises that have nothing to do with time and were not kept. */
  readonly broken?: readonly string[]
}

export interface BenchTable {
  readonly title: string
  readonly rows: readonly BenchRow[]
  /** What is wrong with the measuring itself. */
  readonly broken?: readonly string[]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** What so many of a hundred stay at or under. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * share) / 100) - 1)] ?? Number.NaN
}

/** What is held against the promise. */
export function judgedMs({ samplesMs, judgedBy = 'median' }: BenchRow): number {
  return judgedBy === 'median' ? median(samplesMs) : percentile(samplesMs, 95)
}

/** What was promised and is not so, a line each. */
export function brokenPromises({ rows, broken = [] }: BenchTable): string[] {
  const ofRows = rows.flatMap((row) => {
    const late = row.promisedMs !== null && !(judgedMs(row) <= row.promisedMs)
    const slow = late ? [`${format(judgedMs(row))}, promised ${format(row.promisedMs ?? 0)}`] : []
    return [...slow, ...(row.broken ?? [])].map((text) => `${row.what}: ${text}`)
  })
  return [...broken, ...ofRows]
}

export function printTable(table: BenchTable): void {
  console.log(`\n${table.title}`)
  for (const row of table.rows) {
    const { what, samplesMs, promisedMs, judgedBy = 'median', note, broken = [] } = row
    const judged = judgedMs(row)
    const figures = [
      `median ${format(median(samplesMs))}`,
      ...(judgedBy === 'p95' ? [`p95 ${format(judged)}`] : []),
      `worst ${format(Math.max(...samplesMs))}`,
      `n ${samplesMs.length}`,
      ...(promisedMs === null ? [] : [`promised ${format(promisedMs)}: ${judged <= promisedMs ? 'kept' : 'NOT KEPT'}`]),
      ...(note === undefined ? [] : [note]),
      ...broken.map((text) => text.toUpperCase()),
    ]
    console.log(`  ${what.padEnd(44)} ${figures.join('   ')}`)
  }
}

function format(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`
}
