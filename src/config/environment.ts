import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { isExpectedError } from '../platform/errors.js'
import { parseFailpoints } from '../platform/failpoints.js'
import { nearest } from '../platform/nearest.js'
import { issueText } from './issue-text.js'

/** Reads whole numbers from text; an environment holds nothing else. */
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

const url = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL such as ${example}`,
  })

/** `{"north-dairy": "whsec_…"}`. Nothing of the text is ever shown: it is full of secrets. */
const supplierSecrets = z.string().transform((text, context): Readonly<Record<string, string>> => {
  try {
    const parsed = z.record(z.string(), z.string().min(16)).safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
  } catch {
    // The message below says what is wanted.
  }
  context.addIssue('must be JSON such as {"north-dairy": "whsec_…"}, each secret with at least 16 characters')
  return z.NEVER
})

/** Tests alone set it; see src/platform/failpoints.ts. */
const failpoints = z.string().superRefine((text, context) => {
  try {
    parseFailpoints(text, undefined)
  } catch (error) {
    context.addIssue(isExpectedError(error) ? error.message.replace(/^RESTOCK_FAILPOINTS: /, '') : String(error))
  }
})

/** Every environment variable that Restock reads, with what it means and its default. */
const schema = z.object({
  /** Folder for the embedded database, the secret and other files. */
  RESTOCK_DATA_DIR: z.string().default('.restock'),
  /** The configuration file. */
  RESTOCK_CONFIG: z.string().optional(),
  /** Signs run contexts and receipts; made on first start when it is not given. */
  RESTOCK_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** `rules`, or a model's name. */
  RESTOCK_MODEL: z.string().optional(),
  /** Which of OpenAI's two protocols the endpoint speaks. */
  RESTOCK_MODEL_API: z.enum(['responses', 'chat_completions']).optional(),
  RESTOCK_MODEL_TIMEOUT_MS: whole(1_000, 600_000).default(60_000),
  /** Tokens one run may use, in and out together. */
  RESTOCK_MODEL_MAX_TOKENS: whole(1_000, 100_000_000).default(400_000),
  RESTOCK_WEB_HOST: z.string().default('127.0.0.1'),
  RESTOCK_WEB_PORT: whole(0, 65_535).default(4270),
  /** Where people reach the web through a proxy; with https:// cookies and headers insist on it. */
  RESTOCK_WEB_URL: url(['http:', 'https:'], 'https://restock.example.com').optional(),
  /** Needed when the web listens on anything but loopback. */
  RESTOCK_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  /** Runs worked on at once by one worker. */
  RESTOCK_CONCURRENCY: whole(1, 100).default(4),
  /** How long a worker is believed to be at work on a run without a sign of life. */
  RESTOCK_LEASE_MS: whole(1_000, 3_600_000).default(60_000),
  /** Most time that one attempt at a run may take. */
  RESTOCK_RUN_TIMEOUT_MS: whole(5_000, 3_600_000).default(600_000),
  /** Most time for one statement; what waits for a lock or for a database that has stopped answering gives up about then. */
  RESTOCK_DATABASE_TIMEOUT_MS: whole(1_000, 3_600_000).default(60_000),
  /** How long the steps of a run that has ended are kept; what became of its items is kept for good. */
  RESTOCK_JOURNAL_DAYS: whole(1, 3_650).default(90),
  /** How long it is kept who did what. */
  RESTOCK_AUDIT_DAYS: whole(1, 3_650).default(400),
  /** Most time that stopping may take before work is abandoned to the next start. */
  RESTOCK_SHUTDOWN_MS: whole(500, 300_000).default(10_000),
  /** How often runs that nobody works on are looked for. */
  RESTOCK_SWEEP_EVERY_MS: whole(500, 600_000).default(5_000),
  /** How often suppliers are asked, and what came of it is told to the lists. */
  RESTOCK_TRACK_EVERY_MS: whole(500, 86_400_000).default(15_000),
  RESTOCK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  RESTOCK_LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
  /** Moves the clock, to rehearse the future. */
  RESTOCK_CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  /** Bearer token of the MCP servers over HTTP. */
  RESTOCK_MCP_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  /** The mail server that orders by mail go through; without it, suppliers of the email channel get no orders. */
  RESTOCK_SMTP_URL: url(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587').optional(),
  /** Who orders by mail come from, and where answers go. */
  RESTOCK_MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]*<)?[^\s@,;<>]+@[^\s@,;<>]+>?$/, 'must be an address such as Corner Café <orders@example.com>')
    .optional(),
  /** What requests to suppliers of the http channel are signed with. */
  RESTOCK_SUPPLIER_SECRETS: supplierSecrets.optional(),
  /** Keeps two installations on one Redis apart. */
  RESTOCK_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9_-]{1,40}$/i, 'may have letters, digits, - and _ only')
    .default('restock'),
  /** For tests: places where this program dies, stops, fails or waits on purpose, and the file that says which were reached. */
  RESTOCK_FAILPOINTS: failpoints.optional(),
  RESTOCK_FAILPOINTS_LOG: z.string().optional(),
  /** Set to anything: no colours (https://no-color.org). */
  NO_COLOR: z.string().optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@127.0.0.1:5432/restock').optional(),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://127.0.0.1:6379').optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: url(['http:', 'https:'], 'https://api.example.com/v1').optional(),
})

export type Environment = z.infer<typeof schema>

/** Names of all variables, for help texts and tests. */
export const environmentNames: readonly string[] = Object.keys(schema.shape)

/**
 * Reads the environment; empty variables count as not set. Unknown `RESTOCK_…` names are refused, since a mistyped
 * `RESTOCK_PASWORD` that is ignored leaves a door open. Returns either the values or every problem at once.
 */
export function parseEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly values: Environment
  readonly problems: readonly string[]
} {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const problems: string[] = []
  for (const name of Object.keys(given)) {
    if (!name.startsWith('RESTOCK_') || name.startsWith('RESTOCK_TEST_') || name in schema.shape) continue
    const guess = nearest(name, environmentNames)
    problems.push(`${name} is not a setting${guess === undefined ? '' : `; did you mean ${guess}?`}`)
  }
  const parsed = schema.safeParse(given)
  if (parsed.success) return { values: parsed.data, problems }
  for (const issue of parsed.error.issues) {
    problems.push(`${issue.path.join('.')} ${lowerFirst(issueText(issue))}`)
  }
  return { values: schema.parse({}), problems }
}

export function absolutePath(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
