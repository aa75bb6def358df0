import type { Command } from 'commander'
import { type Config, loadConfig } from '../config/config.js'
import type { Logger } from '../platform/context.js'
import { createLogger } from '../platform/logger.js'
import { audited } from './audit-command.js'
import { type App, type OpenAppOptions, openApp } from './open-app.js'

/** The outside world of the command line, so that a test can be it. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Answers go here, and nothing else. */
  readonly stdout: (text: string) => void
  /** Progress, hints and errors. */
  readonly stderr: (text: string) => void
  /** Whether answers go to a terminal: tables are then cut to its width, and coloured. */
  readonly isTerminal: boolean
  /** Width of that terminal; help is wrapped to it as well. */
  readonly columns: number
  /** Whether progress, hints and errors go to a terminal. */
  readonly stderrIsTerminal: boolean
  readonly stderrColumns: number
  readonly setExitCode: (code: number) => void
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly dataDir?: string
  readonly config?: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/** What commands share: how to read options, open the app and answer. */
export interface Cli {
  readonly io: CliIo
  config(command: Command): Config
  log(command: Command, config: Config): Logger
  /** Opens the app, does the work, closes it again whatever happens. */
  withApp<T>(command: Command, work: (app: App) => Promise<T>, options?: Partial<OpenAppOptions>): Promise<T>
  /** With --json the object on stdout, else the text. */
  answer(command: Command, json: unknown, text: () => string): void
  /** The command did what it was asked to, and the answer is that something failed: exit code 1. */
  fail(): void
}

export function createCli(io: CliIo): Cli {
  const readConfig = (command: Command): Config => {
    const options = command.optsWithGlobals<GlobalOptions>()
    return loadConfig({ env: io.env, cwd: io.cwd, dataDir: options.dataDir, configFile: options.config })
  }
  // Short commands speak through their answer; their log is for when something looks odd.
  const makeLog = (command: Command, config: Config): Logger => {
    const { verbose } = command.optsWithGlobals<GlobalOptions>()
    const level = verbose === true ? 'debug' : io.env.RESTOCK_LOG_LEVEL === undefined ? 'warn' : config.log.level
    return createLogger({ ...config.log, level })
  }
  return {
    io,
    config: readConfig,
    log: makeLog,
    async withApp(command, work, options = {}) {
      const config = readConfig(command)
      const app = await openApp(config, {
        log: makeLog(command, config),
        name: `restock-${command.name()}`,
        ...options,
      })
      try {
        if (app.configKept !== null) io.stderr(`${app.configKept}\n`)
        return await audited(command, app, io.env, () => work(app))
      } finally {
        await app.close()
      }
    },
    answer(command, json, text) {
      const { json: wantsJson } = command.optsWithGlobals<GlobalOptions>()
      io.stdout(wantsJson === true ? `${JSON.stringify(json, null, 2)}\n` : `${text().replace(/\n?$/, '\n')}`)
    },
    fail: () => io.setExitCode(1),
  }
}
