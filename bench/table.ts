export interface BenchRow {
  readonly what: string
  readonly samplesMs: readonly number[]
  /** What it should stay under; null: nothing was promised. */
  readonly promisedMs: number | null
}

export interface BenchTable {
  readonly title: string
  readonly rows: readonly BenchRow[]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export function printTable(table: BenchTable): void {
  console.log(`\n${table.title}`)
  for (const { what, samplesMs, promisedMs } of table.rows) {
    const figures = [
      `median ${format(median(samplesMs))}`,
      `worst ${format(Math.max(...samplesMs))}`,
      `n ${samplesMs.length}`,
      ...(promisedMs === null
        ? []
        : [`promised ${format(promisedMs)}: ${median(samplesMs) <= promisedMs ? 'kept' : 'NOT KEPT'}`]),
    ]
    console.log(`  ${what.padEnd(44)} ${figures.join('   ')}`)
  }
}

function format(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`
}
