import { readFileSync } from 'node:fs'
import { Cron } from 'croner'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { nearest } from '../platform/nearest.js'
import { issueText } from './issue-text.js'

export const idPattern = /^[a-z0-9][a-z0-9_-]{0,39}$/

const money = z
  .union([z.number(), z.string()])
  .transform(String)
  .refine((text) => /^\d+(\.\d+)?$/.test(text), { error: 'must be an amount such as 250 or 99.50' })

export const timeZoneSchema = z.string().refine(isTimeZone, {
  error: (issue) => `"${String(issue.input)}" is not a time zone; write one such as Europe/Berlin`,
})

export const cronSchema = z.string().refine(isCron, {
  error: (issue) => `"${String(issue.input)}" is not a cron expression; "0 6 * * 1-5" is 6:00 on weekdays`,
})

const id = z.string().regex(idPattern, 'must be lower-case letters, digits, - and _, at most 40')

const supplierLimitsSchema = z.strictObject({
  per_order: money.optional(),
  per_month: money.optional(),
})

const percent = z
  .union([z.number(), z.string()])
  .transform(String)
  .refine((text) => /^\d{1,5}(\.\d{1,2})?$/.test(text), { error: 'must be a percentage such as 10 or 2.5' })

const factor = z
  .union([z.number(), z.string()])
  .transform(String)
  .refine((text) => /^\d{1,7}(\.\d{1,2})?$/.test(text) && Number(text) >= 1 && Number(text) <= 1_000_000, {
    error: 'must be a factor from 1 on, such as 10 or 2.5',
  })

const limitsSchema = z.strictObject({
  per_order: money.optional(),
  per_day: money.optional(),
  per_week: money.optional(),
  per_month: money.optional(),
  orders_per_day: z.int().min(0).optional(),
  orders_per_run: z.int().min(0).optional(),
  max_times_need: factor.optional(),
  approve_above: money.optional(),
  max_line_amount: money.optional(),
  order_effort: money.optional(),
  max_price_rise_percent: percent.optional(),
  price_rise: z.enum(['approve', 'refuse']).optional(),
  allowed_suppliers: z.array(z.string()).optional(),
  per_supplier: z.record(id, supplierLimitsSchema).optional(),
  first_purchase_needs_approval: z.boolean().optional(),
  first_supplier_order_needs_approval: z.boolean().optional(),
  person_orders_need_approval: z.boolean().optional(),
  amendment_tolerance_percent: percent.optional(),
  on_amendment: z.enum(['ask', 'cancel', 'accept']).optional(),
  overdue_grace_days: z.int().min(0).optional(),
  paused: z.boolean().optional(),
})

const demandSchema = z.strictObject({
  window_days: z.int().min(7).max(730).optional(),
  review_days: z.number().min(0).max(365).optional(),
  service_level: z.number().min(0.5).max(0.999).optional(),
  lead_time_days: z.number().min(0).max(365).optional(),
  doubt_zero_days: z.number().min(0).max(30).optional(),
  doubt_times: z.number().min(2).max(10_000).optional(),
  top_up_percent: z.number().min(0).max(1000).optional(),
})

const listSchema = z.strictObject({
  name: z.string().max(100).optional(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR'),
  time_zone: timeZoneSchema,
  import: z.string().optional(),
  limits: limitsSchema.optional(),
  demand: demandSchema.optional(),
})

const scheduleSchema = z.strictObject({
  name: id,
  list: z.string(),
  cron: cronSchema,
  time_zone: timeZoneSchema.optional(),
  misfire: z.enum(['skip', 'run_once', 'run_all']).default('run_once'),
  overlap: z.enum(['skip', 'queue']).default('skip'),
  catch_up_hours: z.number().min(0).max(8_760).optional(),
  max_catch_up: z.int().min(1).max(100).optional(),
  jitter_seconds: z.int().min(0).max(86_400).optional(),
  pause_after_failures: z.int().min(1).max(1_000).optional(),
  instructions: z.string().max(2_000).optional(),
  paused: z.boolean().default(false),
})

const mcpServerSchema = z
  .strictObject({
    command: z.string().optional(),
    args: z.array(z.string()).optional(),
    env: z.record(z.string(), z.string()).optional(),
    url: z
      .string()
      .refine((text) => URL.canParse(text), { error: 'must be a URL' })
      .optional(),
    headers: z.record(z.string(), z.string()).optional(),
    tools: z.array(z.string()).optional(),
  })
  .refine((server) => (server.command === undefined) !== (server.url === undefined), {
    error: 'needs either command or url',
  })

const fileSchema = z
  .strictObject({
    lists: z.record(id, listSchema).default({}),
    schedules: z.array(scheduleSchema).default([]),
    model: z.string().optional(),
    mcpServers: z.record(id, mcpServerSchema).default({}),
  })
  .superRefine((file, context) => {
    const names = new Set<string>()
    for (const [index, schedule] of file.schedules.entries()) {
      if (!Object.hasOwn(file.lists, schedule.list)) {
        const lists = Object.keys(file.lists).join(', ') || 'none'
        context.addIssue({
          code: 'custom',
          path: ['schedules', index, 'list'],
          message: `names the list "${schedule.list}", which is not under lists (there: ${lists})`,
        })
      }
      if (names.has(schedule.name)) {
        context.addIssue({
          code: 'custom',
          path: ['schedules', index, 'name'],
          message: `"${schedule.name}" is used twice`,
        })
      }
      names.add(schedule.name)
    }
  })

export type ConfigFile = z.infer<typeof fileSchema>
export type FileDemand = z.infer<typeof demandSchema>
export type FileLimits = z.infer<typeof limitsSchema>
export type FileSchedule = z.infer<typeof scheduleSchema>
export type FileMcpServer = z.infer<typeof mcpServerSchema>

export const emptyConfigFile: ConfigFile = { lists: {}, schedules: [], mcpServers: {} }

/**
 * Reads `restock.yaml`: `${VAR}` in any text is replaced from the environment (`$${` stands for a plain `${`), then every
 * setting is checked. Returns the file, or every problem at once, each with its line where YAML gives one, or its path.
 */
export function readConfigFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly file: ConfigFile; readonly problems: readonly string[] } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error)
    return { file: emptyConfigFile, problems: [`${path} can't be read: ${reason}`] }
  }
  let raw: unknown
  try {
    raw = parseYaml(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    const line = error.linePos?.[0]?.line
    const what = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'it is not YAML'
    return { file: emptyConfigFile, problems: [`${path}${line === undefined ? '' : `, line ${line}`}: ${what}`] }
  }
  const missing = new Set<string>()
  const expanded = expand(raw ?? {}, env, missing)
  const problems = [...missing].map((name) => `${path} uses \${${name}}, which is not set in the environment`)
  const parsed = fileSchema.safeParse(expanded)
  if (parsed.success) return { file: parsed.data, problems }
  for (const issue of parsed.error.issues) problems.push(...describe(path, issue))
  return { file: emptyConfigFile, problems }
}

const settingNames = [
  ...Object.keys(fileSchema.shape),
  ...Object.keys(listSchema.shape),
  ...Object.keys(limitsSchema.shape),
  ...Object.keys(demandSchema.shape),
  ...Object.keys(supplierLimitsSchema.shape),
  ...Object.keys(scheduleSchema.shape),
  ...Object.keys(mcpServerSchema.shape),
]

function describe(path: string, issue: z.core.$ZodIssue): string[] {
  const where = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const guess = nearest(key, settingNames)
      const hint = guess === undefined ? '' : `; did you mean ${guess}?`
      return `${path}: unknown setting ${where === '' ? '' : `${where}.`}${key}${hint}`
    })
  }
  return [`${path}: ${where === '' ? 'the file' : where} ${issueText(issue)}`]
}

function expand(value: unknown, env: Readonly<Record<string, string | undefined>>, missing: Set<string>): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (match, name: string) => {
      if (match.startsWith('$$')) return match.slice(1)
      const found = env[name]
      if (found === undefined) missing.add(name)
      return found ?? ''
    })
  }
  if (Array.isArray(value)) return value.map((entry) => expand(entry, env, missing))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, expand(entry, env, missing)]))
  }
  return value
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    // Offsets such as +02:00 pass above, but a wall clock without daylight saving is never what a schedule means.
    return !/^[+-]/.test(text)
  } catch {
    return false
  }
}

/** Five fields: with seconds in front, a slip of the finger would buy every second. */
export function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false
  try {
    const cron = new Cron(text, { paused: true, timezone: 'UTC' })
    return cron.nextRun() !== null
  } catch {
    return false
  }
}
