import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InputError } from '../platform/errors.js'
import { type FailpointSettings, parseFailpoints } from '../platform/failpoints.js'
import { type ConfigFile, emptyConfigFile, readConfigFile } from './config-file.js'
import { absolutePath, parseEnvironment } from './environment.js'
import { packageRoot } from './paths.js'

/** Everything that can be set, parsed once at start. Nothing else in `src` looks at the environment. */
export interface Config {
  /** Absolute. */
  readonly dataDir: string
  /** Absolute path of the file in use; null: none was found, defaults apply. */
  readonly configFile: string | null
  /** The file is `restock.example.yaml`, found because there is no other and nobody named one. */
  readonly isExampleFile: boolean
  /** null: the embedded database in the data folder. */
  readonly databaseUrl: string | null
  /** For one statement. */
  readonly databaseTimeoutMs: number
  /** null: the queue lives in Postgres. */
  readonly redisUrl: string | null
  readonly queuePrefix: string
  /** null: read from, or made in, the data folder. */
  readonly secret: string | null
  readonly model: ModelConfig
  readonly web: {
    readonly host: string
    readonly port: number
    readonly password: string | null
    /** Where people reach it when something stands in front of it, which also ends TLS; null: nothing does. */
    readonly publicUrl?: string | null
  }
  readonly worker: {
    readonly concurrency: number
    readonly leaseMs: number
    readonly runTimeoutMs: number
  }
  /** How orders reach suppliers that aren't simulated. */
  readonly channels: {
    /** null: no mail can be sent. */
    readonly smtpUrl: string | null
    readonly mailFrom: string | null
    /** By supplier id. */
    readonly secrets: Readonly<Record<string, string>>
  }
  readonly shutdownMs: number
  readonly scheduler: { readonly sweepEveryMs: number; readonly trackEveryMs: number }
  readonly retention: {
    /** For the steps of runs that have ended, and for what was quoted and not ordered. */
    readonly journalDays: number
    /** For who did what. */
    readonly auditDays: number
  }
  readonly log: { readonly level: string; readonly format: 'pretty' | 'json' | null; readonly hasColor: boolean }
  readonly clockOffsetMs: number
  readonly mcpToken: string | null
  /** null, outside of tests: nothing fails on purpose. */
  readonly failpoints: FailpointSettings | null
  readonly file: ConfigFile
}

export interface ModelConfig {
  /** `rules`, or the name of a model at the endpoint. */
  readonly name: string
  readonly apiKey: string | null
  readonly baseUrl: string | null
  readonly api: 'responses' | 'chat_completions'
  readonly timeoutMs: number
  readonly maxTokens: number
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly dataDir?: string | undefined
  readonly configFile?: string | undefined
}

/** Looked for in the current folder, in this order. */
export const ownFileName = 'restock.yaml'
export const exampleFileName = 'restock.example.yaml'

/** The default when a key is set and nothing says which model. */
const defaultOpenAiModel = 'gpt-5.6-luna'

/**
 * Puts environment, `restock.yaml` and flags together. Order of precedence: flags, environment, file, defaults.
 * Without `--config` and RESTOCK_CONFIG it is `restock.yaml` in the current folder, else `restock.example.yaml` there.
 * Throws one InputError that lists every problem.
 */
export function loadConfig(sources: ConfigSources): Config {
  const environment = parseEnvironment(sources.env)
  const env = environment.values
  const problems = [...environment.problems]

  const { path: configFile, isExample } = findConfigFile(sources, env.RESTOCK_CONFIG)
  let file = emptyConfigFile
  if (configFile !== null) {
    const read = readConfigFile(configFile, sources.env)
    file = read.file
    problems.push(...read.problems)
  }

  const modelName = env.RESTOCK_MODEL ?? file.model ?? (env.OPENAI_API_KEY === undefined ? 'rules' : defaultOpenAiModel)
  if (modelName !== 'rules' && env.OPENAI_API_KEY === undefined && env.OPENAI_BASE_URL === undefined) {
    problems.push(
      `the model is set to "${modelName}", but neither OPENAI_API_KEY nor OPENAI_BASE_URL is; set one, or RESTOCK_MODEL=rules`,
    )
  }
  if ((env.RESTOCK_SMTP_URL === undefined) !== (env.RESTOCK_MAIL_FROM === undefined)) {
    problems.push('orders by mail need both RESTOCK_SMTP_URL and RESTOCK_MAIL_FROM; only one of them is set')
  }
  if (problems.length > 0) throw new InputError(describeProblems(problems), 'invalid_configuration')

  return {
    dataDir: absolutePath(sources.dataDir ?? env.RESTOCK_DATA_DIR, sources.cwd),
    configFile,
    isExampleFile: isExample,
    databaseUrl: env.DATABASE_URL ?? null,
    databaseTimeoutMs: env.RESTOCK_DATABASE_TIMEOUT_MS,
    redisUrl: env.REDIS_URL ?? null,
    queuePrefix: env.RESTOCK_QUEUE_PREFIX,
    secret: env.RESTOCK_SECRET ?? null,
    model: {
      name: modelName,
      apiKey: env.OPENAI_API_KEY ?? null,
      baseUrl: env.OPENAI_BASE_URL ?? null,
      // Endpoints that only resemble OpenAI's mostly speak the older protocol.
      api: env.RESTOCK_MODEL_API ?? (env.OPENAI_BASE_URL === undefined ? 'responses' : 'chat_completions'),
      timeoutMs: env.RESTOCK_MODEL_TIMEOUT_MS,
      maxTokens: env.RESTOCK_MODEL_MAX_TOKENS,
    },
    web: {
      host: env.RESTOCK_WEB_HOST,
      port: env.RESTOCK_WEB_PORT,
      password: env.RESTOCK_PASSWORD ?? null,
      publicUrl: env.RESTOCK_WEB_URL ?? null,
    },
    worker: {
      concurrency: env.RESTOCK_CONCURRENCY,
      leaseMs: env.RESTOCK_LEASE_MS,
      runTimeoutMs: env.RESTOCK_RUN_TIMEOUT_MS,
    },
    channels: {
      smtpUrl: env.RESTOCK_SMTP_URL ?? null,
      mailFrom: env.RESTOCK_MAIL_FROM ?? null,
      secrets: env.RESTOCK_SUPPLIER_SECRETS ?? {},
    },
    shutdownMs: env.RESTOCK_SHUTDOWN_MS,
    scheduler: { sweepEveryMs: env.RESTOCK_SWEEP_EVERY_MS, trackEveryMs: env.RESTOCK_TRACK_EVERY_MS },
    retention: { journalDays: env.RESTOCK_JOURNAL_DAYS, auditDays: env.RESTOCK_AUDIT_DAYS },
    log: {
      level: env.RESTOCK_LOG_LEVEL,
      format: env.RESTOCK_LOG_FORMAT ?? null,
      hasColor: (env.NO_COLOR ?? '') === '',
    },
    clockOffsetMs: env.RESTOCK_CLOCK_OFFSET_MS,
    mcpToken: env.RESTOCK_MCP_TOKEN ?? null,
    failpoints: parseFailpoints(env.RESTOCK_FAILPOINTS, env.RESTOCK_FAILPOINTS_LOG),
    file,
  }
}

function findConfigFile(
  sources: ConfigSources,
  fromEnvironment: string | undefined,
): { readonly path: string | null; readonly isExample: boolean } {
  const named = sources.configFile ?? fromEnvironment
  if (named !== undefined) return { path: absolutePath(named, sources.cwd), isExample: false }
  for (const name of [ownFileName, exampleFileName]) {
    const path = join(sources.cwd, name)
    if (existsSync(path)) return { path, isExample: name === exampleFileName }
  }
  return { path: null, isExample: false }
}

function describeProblems(problems: readonly string[]): string {
  if (problems.length === 1) return `Configuration: ${problems[0]}.`
  return `Configuration has ${problems.length} problems:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`
}

/** Resolves a path that the configuration file names: relative to that file. */
export function besideConfigFile(config: Config, path: string): string {
  return absolutePath(path, config.configFile === null ? packageRoot : dirname(config.configFile))
}

/** The configuration for people to read: secrets are masked, passwords in URLs too. */
export function maskConfig(config: Config): object {
  return {
    ...config,
    databaseUrl: maskUrl(config.databaseUrl),
    redisUrl: maskUrl(config.redisUrl),
    secret: mask(config.secret),
    mcpToken: mask(config.mcpToken),
    channels: {
      ...config.channels,
      smtpUrl: maskUrl(config.channels.smtpUrl),
      secrets: maskValues(config.channels.secrets),
    },
    web: { ...config.web, password: mask(config.web.password) },
    model: { ...config.model, apiKey: mask(config.model.apiKey), baseUrl: maskUrl(config.model.baseUrl) },
    file: {
      ...config.file,
      mcpServers: Object.fromEntries(
        Object.entries(config.file.mcpServers).map(([name, server]) => [
          name,
          {
            ...server,
            ...(server.url === undefined ? {} : { url: maskUrl(server.url) }),
            ...(server.args === undefined ? {} : { args: maskArguments(server.args) }),
            ...(server.env === undefined ? {} : { env: maskValues(server.env) }),
            ...(server.headers === undefined ? {} : { headers: maskValues(server.headers) }),
          },
        ]),
      ),
    },
  }
}

function mask(value: string | null): string | null {
  return value === null ? null : '•••'
}

function maskValues(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((key) => [key, '•••']))
}

const secretName = /key|token|secret|passw|pwd|auth|credential|signature/i

function maskUrl(value: string | null): string | null {
  if (value === null) return null
  // What can't be taken apart may hold a password anywhere.
  if (!URL.canParse(value)) return '•••'
  const url = new URL(value)
  if (url.password !== '') url.password = '***'
  // A name of its own without a password is a key; of a database it is just a name.
  else if (url.username !== '' && /^https?:$/.test(url.protocol)) url.username = '***'
  for (const name of new Set(url.searchParams.keys())) {
    if (secretName.test(name)) url.searchParams.set(name, '***')
  }
  return url.href
}

/** Arguments of a program: `--api-key x`, `--token=x`, `Authorization: Bearer x` and addresses with passwords. */
function maskArguments(args: readonly string[]): string[] {
  return args.map((each, index) => {
    const before = args[index - 1] ?? ''
    if (/^--?[\w-]+$/.test(before) && secretName.test(before) && !each.startsWith('--')) return '•••'
    const named = /^(-{0,2}[\w-]+\s*[=:]\s*)(?!\/\/)/.exec(each)?.[1]
    if (named !== undefined && secretName.test(named)) return `${named}•••`
    return /^\w+:\/\//.test(each) ? (maskUrl(each) ?? each) : each
  })
}
