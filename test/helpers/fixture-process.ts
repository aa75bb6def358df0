import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'rolldown'
import { packageRoot } from '../../src/config/paths.js'

export interface BuiltFixture {
  readonly file: string
  remove(): Promise<void>
}

/** Bundles a program of `test/fixtures`, beside the dependencies, which stay where they are. */
export async function buildFixture(name: string): Promise<BuiltFixture> {
  const folder = join(packageRoot, 'node_modules', '.cache', `restock-fixture-${randomBytes(4).toString('hex')}`)
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${basename(name, '.ts')}.mjs`)
  await build({
    input: join(packageRoot, 'test/fixtures', name),
    platform: 'node',
    external: /^[^./]/,
    output: { file, format: 'esm' },
    logLevel: 'silent',
  })
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface FixtureProcess {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  hasEnded(): boolean
}

export function startFixture(fixture: BuiltFixture, args: readonly string[]): FixtureProcess {
  const child = spawn(process.execPath, [fixture.file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // It may be killed while we write.
  child.stdin.on('error', () => undefined)
  let hasEnded = false
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return { child, stdout: () => stdout, stderr: () => stderr, ended, hasEnded: () => hasEnded }
}
