import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram } from '../../src/cli/program.js'
import { report } from '../../src/cli/report.js'
import type { ProgressClock } from '../../src/cli/terminal/progress.js'
import { createStyle } from '../../src/cli/terminal/style.js'

export interface CliResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  /** What --json printed. */
  readonly json: () => Record<string, unknown>
}

export interface TestCli {
  /** The folder in which commands run; restock.yaml of a test goes here. */
  readonly cwd: string
  run(...args: string[]): Promise<CliResult>
  /** Deletes the folder. */
  remove(): void
}

export interface TestCliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly isTerminal?: boolean
  readonly columns?: number
  readonly stderrIsTerminal?: boolean
  readonly progressClock?: ProgressClock
  /** Stands in for Ctrl-C. */
  readonly stopSignal?: () => Promise<NodeJS.Signals>
  /** Hears of each answer as it is written. */
  readonly onStdout?: (text: string) => void
}

/** The command line in this process, in a folder of its own, with nothing of this process's environment. */
export function createTestCli({
  env = {},
  isTerminal = false,
  columns = 100,
  stderrIsTerminal = false,
  progressClock,
  stopSignal,
  onStdout,
}: TestCliOptions = {}): TestCli {
  const cwd = mkdtempSync(join(tmpdir(), 'restock-cli-'))
  return {
    cwd,
    run: async (...args) => {
      let stdout = ''
      let stderr = ''
      let exitCode = 0
      const onStderr = (text: string) => {
        stderr += text
      }
      const program = createProgram({
        env: { RESTOCK_LOG_LEVEL: 'silent', USER: 'tester', ...env },
        cwd,
        stdout: (text) => {
          stdout += text
          onStdout?.(text)
        },
        stderr: onStderr,
        isTerminal,
        columns,
        stderrIsTerminal,
        stderrColumns: columns,
        ...(progressClock === undefined ? {} : { progressClock }),
        ...(stopSignal === undefined ? {} : { stopSignal }),
        setExitCode: (code) => {
          exitCode = code
        },
      })
      try {
        await program.parseAsync(args, { from: 'user' })
      } catch (error) {
        exitCode = report(error, {
          stderr: onStderr,
          isVerbose: false,
          style: createStyle({ isTerminal: stderrIsTerminal, env }),
        })
      }
      const json = () => {
        if (stdout === '') throw new Error(`nothing on stdout, exit code ${exitCode}: ${stderr}`)
        return JSON.parse(stdout)
      }
      return { stdout, stderr, exitCode, json }
    },
    remove: () => rmSync(cwd, { recursive: true, force: true }),
  }
}
