import { type LogFn, type Logger as PinoLogger, pino } from 'pino'
import pretty from 'pino-pretty'

export interface LoggerOptions {
  readonly level: string
  /** null: lines for people on a terminal, JSON when the output goes elsewhere. */
  readonly format: 'pretty' | 'json' | null
  readonly hasColor: boolean
  /** Called before each line, by whoever else writes where it goes. */
  readonly beforeLine?: () => void
}

const redacted = [
  'apiKey',
  'token',
  'password',
  'secret',
  'authorization',
  'email',
  'headers',
  '*.apiKey',
  '*.token',
  '*.password',
  '*.email',
]

/** One line an event, on stderr: stdout belongs to what a command answers. Keys, tokens and addresses are left out. */
export function createLogger(options: LoggerOptions): PinoLogger {
  const settings = {
    level: options.level,
    redact: { paths: redacted, censor: '•••' },
    serializers: { err: describeError },
    hooks: {
      logMethod(this: PinoLogger, args: Parameters<LogFn>, method: LogFn) {
        options.beforeLine?.()
        method.apply(this, args)
      },
    },
  }
  const isPretty = options.format === 'pretty' || (options.format === null && process.stderr.isTTY)
  if (!isPretty) return pino(settings, pino.destination({ dest: 2, sync: true }))
  return pino(
    settings,
    pretty({
      destination: 2,
      sync: true,
      colorize: options.hasColor && process.stderr.isTTY,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'pid,hostname',
      singleLine: true,
    }),
  )
}

/** Errors in logs: what and where, with passwords that a driver put into its message taken out. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const hide = (text: string) => text.replace(/(\w+:\/\/[^:@/\s]*):[^@/\s]+@/g, '$1:•••@')
  return {
    type: error.name,
    message: hide(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: hide(error.stack) }),
  }
}
