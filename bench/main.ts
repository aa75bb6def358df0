import { measureBasket } from './basket/measure-basket.js'
import { measureRun } from './run.js'
import { measureStartUp } from './start-up.js'
import { type BenchTable, printTable } from './table.js'
import { measureWeb } from './web/measure-web.js'

/** Prints what speed claims rest on. Medians of one session on one machine: compare within a table, not between machines. */
const benches: readonly { readonly name: string; readonly measure: () => Promise<BenchTable> }[] = [
  { name: 'start-up', measure: measureStartUp },
  { name: 'run', measure: measureRun },
  { name: 'basket', measure: measureBasket },
  { name: 'web', measure: measureWeb },
]

const only = process.argv.slice(2)
for (const bench of benches) {
  if (only.length > 0 && !only.includes(bench.name)) continue
  printTable(await bench.measure())
}
