// Adds up vitest's JSON reports and prints the line that ends `.ci/run`. A skipped test, a missing report and a failed
// step all count as failure: what was not run was not shown.
import { readFileSync } from 'node:fs'

const [failedSteps, ...reports] = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0
let isWhole = Number(failedSteps) === 0

for (const report of reports) {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    passed += result.numPassedTests
    failed += result.numFailedTests
    skipped += result.numPendingTests + result.numTodoTests
    if (!result.success) isWhole = false
  } catch (error) {
    console.error(`no report ${report}: ${error.message}`)
    isWhole = false
  }
}

if (skipped > 0) console.error('Skipped tests are not allowed here: everything they need can be installed.')
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = isWhole && failed === 0 && skipped === 0 && passed > 0 ? 0 : 1
