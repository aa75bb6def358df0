import { spawn } from 'node:child_process'
import { describeAccountError, type ServerAccount } from './server-account.js'

export interface ProgramOptions {
  readonly cwd: string
  readonly timeoutMs: number
  /** Undefined: as ourselves. */
  readonly account?: ServerAccount | undefined
}

export interface ProgramResult {
  /** `null` when it was killed, for running longer than allowed or by someone else. */
  readonly exitCode: number | null
  /** What it printed on both streams, its last 64 KB. */
  readonly output: string
}

const keptCharacters = 65_536

/**
 * Runs a program to its end in a session of its own, so that Ctrl-C at our terminal doesn't reach it, and with nothing
 * of our environment: `PGDATA`, `PGPORT` and the like would change what PostgreSQL's programs do, and secrets are none
 * of their business. English messages, because we read them. Rejects only when the program can't be started.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  try {
    for (;;) {
      const { signal, ...result } = await spawnToEnd(file, args, options)
      // Between its birth and its own session a Ctrl-C still reaches it, before the program itself has begun: once more.
      if (signal !== 'SIGINT' || result.output !== '') return result
    }
  } catch (error) {
    throw options.account === undefined ? error : describeAccountError(error, options.account)
  }
}

function spawnToEnd(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult & { readonly signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.account === undefined ? {} : { uid: options.account.uid, gid: options.account.gid }),
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-keptCharacters)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs)
    const settle = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(timer)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ exitCode, signal, output: output.trim() })
    }
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', settle)
    // On Windows the server inherits the streams and keeps them open; its starter's end has to do.
    child.on('exit', (exitCode, signal) => setTimeout(() => settle(exitCode, signal), 200).unref())
  })
}
