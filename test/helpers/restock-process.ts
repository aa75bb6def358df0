import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../src/config/paths.js'
import { until } from './until.js'

/** One `restock` command as its own process, with an environment of its own and a mark that all its children inherit. */
export interface RestockProcess {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  /** Waits for text on stdout. */
  says(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>
}

export interface RestockOptions {
  readonly app?: string
  /** The Node to run it with; this one by default. */
  readonly node?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** Marks every process that a test starts, however far removed, so that a test can prove that none is left. */
export const processMark = `restock-test-${process.pid}-${randomBytes(4).toString('hex')}`

export function startRestock(args: readonly string[], options: RestockOptions = {}): RestockProcess {
  const app = options.app ?? packageRoot
  const child = spawn(options.node ?? process.execPath, [join(app, 'dist/src/cli/main.js'), ...args], {
    cwd: options.cwd ?? app,
    env: { PATH: process.env.PATH, HOME: tmpdir(), LANG: 'C.UTF-8', RESTOCK_TEST_MARK: processMark, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.user,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    child.once('error', (error) => {
      stderr += String(error)
      resolve('not started')
    })
  })
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    says: (pattern, deadlineMs = 30_000) =>
      until(
        `${pattern} from restock ${args.join(' ')}`,
        () => {
          const found = pattern.exec(stdout)
          if (found === null && hasEnded) throw new Error(`restock ${args.join(' ')} ended:\n${stdout}\n${stderr}`)
          return found
        },
        deadlineMs,
      ),
  }
}

export interface Finished {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export async function restock(args: readonly string[], options: RestockOptions = {}): Promise<Finished> {
  const process = startRestock(args, options)
  const code = await process.ended
  return { code, stdout: process.stdout(), stderr: process.stderr() }
}

/**
 * Pids of living processes that this test started: those that carry its mark, and database servers whose data lies in one of
 * `folders` (PostgreSQL overwrites its environment, and the mark with it). Zombies are dead: something else has to bury them.
 */
export async function startedProcesses(folders: readonly string[]): Promise<number[]> {
  const clusters = await Promise.all(folders.map(clusterOf))
  const places = [...folders, ...clusters.flat()]
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const status = await readFile(`/proc/${entry}/stat`, 'utf8')
      if (status.charAt(status.lastIndexOf(')') + 2) === 'Z') continue
      const environment = await readFile(`/proc/${entry}/environ`, 'utf8')
      const cwd = await readlink(`/proc/${entry}/cwd`)
      const isServer = status.includes('(postgres)') && places.some((place) => cwd.startsWith(place))
      if (isServer || environment.includes(`RESTOCK_TEST_MARK=${processMark}`)) found.push(Number(entry))
    } catch {
      // It ended while we looked, or it isn't ours to look at.
    }
  }
  return found
}

/** kill -9 for every process that the test started, as a power cut would. */
export async function killEverything(folders: readonly string[]): Promise<void> {
  for (const pid of await startedProcesses(folders)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It went with one that was killed before it.
    }
  }
}

/** Where the clusters of the data folders in `folder` lie when they had to be put elsewhere: `postgres.json` says so. */
async function clusterOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const records = names.filter((name) => /(^|\/)postgres\.json$/.test(name))
  return Promise.all(
    records.map(async (name) => {
      const { home } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { home: string }
      return resolve(folder, name, '..', home)
    }),
  )
}

/** Removes data folders below `folder`, and the clusters that had to be put elsewhere for them. */
export async function removeData(folder: string): Promise<void> {
  for (const place of [...(await clusterOf(folder)), folder]) await rm(place, { recursive: true, force: true })
}

/** Fails unless every process that the test started ends soon. */
export async function expectNoProcessLeft(...folders: string[]): Promise<void> {
  await until('all processes to end', async () => (await startedProcesses(folders)).length === 0, 10_000)
}

/** A copy of what a clone has after `npm ci`, so that it can be run from anywhere by anyone. Dependencies are copied too if others must read them. */
export async function copyApp(folder: string, options: { readonly withDependencies: boolean }): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const name of ['dist', 'examples', 'package.json', 'restock.example.yaml']) {
    await cp(join(packageRoot, name), join(folder, name), { recursive: true })
  }
  const modules = join(packageRoot, 'node_modules')
  if (options.withDependencies)
    await cp(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  else await symlink(modules, join(folder, 'node_modules'))
  return folder
}
