export interface ChartSeries {
  readonly label: string
  readonly style: 'line' | 'steps' | 'second' | 'third' | 'guide' | 'level' | 'order' | 'receipt'
}

export interface ChartData {
  readonly unit: string
  readonly timeZone: string
  readonly fromZero: boolean
  readonly series: readonly ChartSeries[]
  /** Times in seconds, ascending, then a row for each series. */
  readonly data: readonly (readonly (number | null)[])[]
}

/** Drawn by our script from its data; what it shows stands in a table beside it as well. */
export function Chart({ chart, label }: { chart: ChartData; label: string }) {
  return <div class="chart" role="img" aria-label={label} data-chart={JSON.stringify(chart)} />
}
