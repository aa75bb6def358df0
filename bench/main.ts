import { availableParallelism, loadavg } from 'node:os'
import { measureBasket } from './basket/measure-basket.js'
import { measureRun } from './run.js'
import { measureStartUp } from './start-up.js'
import { type BenchTable, brokenPromises, printTable } from './table.js'
import { measureWeb } from './web/measure-web.js'

/**
 * Prints what speed claims rest on. Medians of one session on one machine: compare within a table, not between machines.
 * Ends with exit code 1 when a promise was not kept.
 */
const benches: readonly { readonly name: string; readonly measure: () => Promise<BenchTable> }[] = [
  { name: 'start-up', measure: measureStartUp },
  { name: 'run', measure: measureRun },
  { name: 'basket', measure: measureBasket },
  { name: 'web', measure: measureWeb },
]

const only = process.argv.slice(2)
const broken: string[] = []
for (const bench of benches) {
  if (only.length > 0 && !only.includes(bench.name)) continue
  const table = await bench.measure()
  printTable(table)
  broken.push(...brokenPromises(table))
}
const [load = 0] = loadavg()
console.log(`\n${availableParallelism()} processors, load average ${load.toFixed(1)}, Node ${process.versions.node}`)
if (broken.length > 0) {
  console.log(`\n${broken.length} promises were not kept:\n${broken.map((line) => `  ${line}`).join('\n')}`)
  process.exitCode = 1
}
