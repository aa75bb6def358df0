import { z } from '@hono/zod-openapi'
import type { Run } from '../../../runs/run.js'
import { toRunReport } from '../../../runs/run-report.js'
import { instant, minor, quantity } from './shared.js'

export const runStatusSchema = z.enum(['pending', 'running', 'completed', 'failed', 'skipped']).openapi('RunStatus')
const decisionSchema = z
  .enum(['ordered', 'pending_approval', 'refused', 'skipped', 'needs_attention', 'unknown'])
  .openapi('Decision')

const usageSchema = z.object({ modelCalls: z.int(), inputTokens: z.int(), outputTokens: z.int() })

const outcomeItemSchema = z.object({
  itemId: z.string(),
  name: z.string(),
  decision: decisionSchema,
  reason: z.string(),
  needQuantity: quantity,
  orderedQuantity: quantity,
  unit: z.string(),
})

const outcomeOrderSchema = z.object({
  id: z.string(),
  supplier: z.string(),
  status: z.string(),
  subtotalMinor: minor,
  shippingMinor: minor,
  taxMinor: minor,
  discountMinor: minor,
  totalMinor: minor,
  currency: z.string(),
  lines: z.array(
    z.object({
      itemId: z.string(),
      product: z.string(),
      packs: z.number(),
      packQuantity: quantity,
      quantity,
      unit: z.string(),
      packPriceMinor: minor,
      taxMinor: minor,
      lineTotalMinor: minor,
    }),
  ),
})

const runFields = {
  id: z.string(),
  status: runStatusSchema,
  trigger: z.enum(['schedule', 'manual']),
  list: z.string(),
  model: z.string().nullable(),
  attempts: z.int(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  dryRun: z.boolean(),
  usage: usageSchema,
  summary: z.string(),
}

/** The same object that `restock run --wait --json` prints. */
export const runReportSchema = z
  .object({
    run: z.object({ ...runFields, items: z.array(outcomeItemSchema), orders: z.array(outcomeOrderSchema) }),
  })
  .openapi('RunReport')

export const runSummarySchema = z
  .object({
    ...runFields,
    createdAt: instant,
    slot: instant.nullable(),
    decisions: z
      .record(z.string(), z.int())
      .openapi({ description: 'How many items there are of each decision.', example: { ordered: 3, skipped: 1 } }),
    orders: z.array(
      z.object({
        id: z.string(),
        supplier: z.string(),
        status: z.string(),
        totalMinor: minor,
        currency: z.string(),
      }),
    ),
  })
  .openapi('RunSummary')

export const runStepSchema = z
  .object({
    epoch: z.int().openapi({ description: 'Which attempt at the run took it.' }),
    step: z.int(),
    kind: z.enum(['snapshot', 'model', 'tool']),
    name: z.string().openapi({ description: 'Of the model or the tool.' }),
    isWrite: z.boolean(),
    request: z.unknown(),
    response: z.unknown(),
    error: z.string().nullable(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    startedAt: instant,
    durationMs: z.number(),
  })
  .openapi('RunStep')

/** A run in a listing: its facts, and counts and totals in place of items and lines. */
export function toRunSummary(run: Run) {
  const { items, orders, ...report } = toRunReport(run).run
  const decisions: Record<string, number> = {}
  for (const { decision } of items) decisions[decision] = (decisions[decision] ?? 0) + 1
  return { ...report, createdAt: run.createdAt, slot: run.slot, decisions, orders }
}
