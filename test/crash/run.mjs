// The crash suite. `--full` tries every place with every queue, transport and model instead of pairs; all else goes to vitest.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const given = process.argv.slice(2)
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const args = [vitest, 'run', '--project', 'crash', ...given.filter((arg) => arg !== '--full')]
const env = given.includes('--full') ? { ...process.env, RESTOCK_CRASH_FULL: '1' } : process.env
spawn(process.execPath, args, { stdio: 'inherit', env }).on('exit', (code) => {
  process.exitCode = code ?? 1
})
