import type { Command } from 'commander'
import { type Config, loadConfig } from '../config/config.js'
import type { Logger } from '../platform/context.js'
import { createLogger } from '../platform/logger.js'
import { audited } from './audit-command.js'
import type { App, OpenAppOptions } from './open-app.js'
import { createProgress, type DuringOptions, type ProgressClock, type ProgressText } from './terminal/progress.js'
import { createStyle } from './terminal/style.js'

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
  /** For the line that says what is being waited for; the machine's own where nothing is said. */
  readonly progressClock?: ProgressClock
  /** Resolves when somebody wants the command to end; the process's own signals where nothing is said. */
  readonly stopSignal?: () => Promise<NodeJS.Signals>
  readonly setExitCode: (code: number) => void
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly dataDir?: string
  readonly config?: string
  readonly json?: boolean
  readonly verbose?: boolean
}

export interface WithAppOptions extends Partial<OpenAppOptions> {
  /** What is being waited for while the work is done: 'Importing items…'; null: nothing is, it says so itself. */
  readonly doing?: ProgressText | null
}

/** What commands share: how to read options, open the app and answer. */
export interface Cli {
  readonly io: CliIo
  config(command: Command): Config
  log(command: Command, config: Config): Logger
  /** Opens the app, does the work, closes it again whatever happens. */
  withApp<T>(command: Command, work: (app: App) => Promise<T>, options?: WithAppOptions): Promise<T>
  /** Does what may take a while: where a terminal reads stderr, a line there says what is being waited for. */
  during<T>(command: Command, text: ProgressText, work: () => Promise<T>, options?: DuringOptions): Promise<T>
  /** With --json the object on stdout, else the text. */
  answer(command: Command, json: unknown, text: () => string): void
  /** Something that the person must know beside the answer, in a sentence. */
  warn(text: string): void
  /** The command did what it was asked to, and the answer is that something failed: exit code 1. */
  fail(): void
}

export function createCli(outside: CliIo): Cli {
  const progress = createProgress({
    write: outside.stderr,
    columns: outside.stderrColumns,
    ...(outside.progressClock === undefined ? {} : { clock: outside.progressClock }),
  })
  const io: CliIo = {
    ...outside,
    stdout: (text) => {
      progress.clear()
      outside.stdout(text)
    },
    stderr: (text) => {
      progress.clear()
      outside.stderr(text)
    },
  }
  const errorStyle = createStyle({ isTerminal: io.stderrIsTerminal, env: io.env })
  const readConfig = (command: Command): Config => {
    const options = command.optsWithGlobals<GlobalOptions>()
    return loadConfig({ env: io.env, cwd: io.cwd, dataDir: options.dataDir, configFile: options.config })
  }
  // Short commands speak through their answer; their log is for when something looks odd.
  const makeLog = (command: Command, config: Config): Logger => {
    const { verbose } = command.optsWithGlobals<GlobalOptions>()
    const level = verbose === true ? 'debug' : io.env.RESTOCK_LOG_LEVEL === undefined ? 'warn' : config.log.level
    return createLogger({ ...config.log, level, beforeLine: progress.clear })
  }
  const during: Cli['during'] = (command, text, work, options) => {
    const { json, verbose } = command.optsWithGlobals<GlobalOptions>()
    // A log that goes to the same place says more.
    const isSilent = json === true || verbose === true || !io.stderrIsTerminal || io.env.TERM === 'dumb'
    return isSilent ? work() : progress.during(text, work, options)
  }
  return {
    io,
    config: readConfig,
    log: makeLog,
    during,
    async withApp(command, work, { doing = 'Working…', ...options } = {}) {
      const config = readConfig(command)
      const app = await during(command, openingText(config), async () => {
        // Loaded by those who need it: help, completion and mistakes are answered without.
        const { openApp } = await import('./open-app.js')
        return openApp(config, { log: makeLog(command, config), name: `restock-${command.name()}`, ...options })
      })
      try {
        if (app.configKept !== null) io.stderr(`${app.configKept}\n`)
        const done = () => audited(command, app, io.env, () => work(app))
        return await (doing === null ? done() : during(command, doing, done))
      } finally {
        await during(command, 'Closing the database…', () => app.close())
      }
    },
    answer(command, json, text) {
      const { json: wantsJson } = command.optsWithGlobals<GlobalOptions>()
      io.stdout(wantsJson === true ? `${JSON.stringify(json, null, 2)}\n` : `${text().replace(/\n?$/, '\n')}`)
    },
    warn: (text) => io.stderr(`${errorStyle.warn('restock:')} ${text}\n`),
    fail: () => io.setExitCode(1),
  }
}

/** What is being waited for until the database can be used. */
export function openingText({ databaseUrl }: Pick<Config, 'databaseUrl'>): string {
  return databaseUrl === null ? 'Starting the database…' : 'Opening the database…'
}
