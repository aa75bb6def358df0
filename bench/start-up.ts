import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../src/config/paths.js'
import type { BenchTable } from './table.js'

const rounds = 5

/** From starting `restock up` to its line that says it is up, on a new data folder and on one that exists. */
export async function measureStartUp(): Promise<BenchTable> {
  const fresh: number[] = []
  const existing: number[] = []
  for (let round = 0; round < rounds; round++) {
    const dataDir = join(tmpdir(), `restock-bench-${randomBytes(4).toString('hex')}`)
    try {
      fresh.push(await timeUp(dataDir))
      existing.push(await timeUp(dataDir))
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  return {
    title: 'restock up, until it is ready',
    rows: [
      { what: 'new data folder, example café imported', samplesMs: fresh, promisedMs: 6_000 },
      { what: 'existing data folder', samplesMs: existing, promisedMs: 3_000 },
    ],
  }
}

async function timeUp(dataDir: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [join(packageRoot, 'dist/src/cli/main.js'), 'up', '--data-dir', dataDir], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, RESTOCK_WEB_PORT: '0', RESTOCK_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await lineThatMatches(child, /is up/)
  const took = performance.now() - started
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
  return took
}

function lineThatMatches(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`restock up ended with ${code}`)))
    if (child.stdout === null) throw new Error('no stdout')
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (pattern.test(line)) resolve()
    })
  })
}
