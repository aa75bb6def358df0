import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../src/config/paths.js'
import type { BenchTable } from './table.js'

const rounds = 5

/** The demo as a newcomer runs it, and the run inside it from claim to outcome: 45 due items, `rules`. */
export async function measureRun(): Promise<BenchTable> {
  const whole: number[] = []
  const run: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(packageRoot, 'dist/src/cli/main.js'), 'demo', '--json'],
      { cwd: join(tmpdir()), env: { PATH: process.env.PATH, HOME: process.env.HOME } },
    )
    whole.push(performance.now() - started)
    const report = JSON.parse(stdout) as { run: { startedAt: string; finishedAt: string } }
    run.push(Date.parse(report.run.finishedAt) - Date.parse(report.run.startedAt))
  }
  return {
    title: 'the example café, 45 items due, model `rules`',
    rows: [
      { what: 'npm run demo, start to end', samplesMs: whole, promisedMs: 20_000 },
      { what: 'its run, claim to outcome', samplesMs: run, promisedMs: 3_000 },
    ],
  }
}
