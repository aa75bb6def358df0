import type { OutcomeItem, OutcomeOrder, OutcomeOrderLine, Run, Usage } from './run.js'

/** A run as `--json` prints it. Programs read this: a field is never renamed or dropped. */
export interface RunReport {
  readonly run: {
    readonly id: string
    readonly status: Run['status']
    readonly trigger: Run['trigger']
    readonly list: string
    /** null: no worker has taken the run yet, and nobody named a model for it. */
    readonly model: string | null
    readonly attempts: number
    readonly startedAt: string | null
    readonly finishedAt: string | null
    readonly dryRun: boolean
    readonly usage: Usage
    readonly items: readonly OutcomeItem[]
    readonly orders: readonly OutcomeOrder[]
    readonly summary: string
  }
}

export function toRunReport(run: Run): RunReport {
  const { outcome } = run
  const { modelCalls, inputTokens, outputTokens } = outcome?.usage ?? { modelCalls: 0, inputTokens: 0, outputTokens: 0 }
  return {
    run: {
      id: run.id,
      status: run.status,
      trigger: run.trigger,
      list: run.list,
      model: outcome?.model ?? run.model,
      attempts: run.epoch,
      startedAt: run.startedAt?.toISOString() ?? null,
      finishedAt: run.finishedAt?.toISOString() ?? null,
      dryRun: run.dryRun,
      usage: { modelCalls, inputTokens, outputTokens },
      items: (outcome?.items ?? []).map(toItem),
      orders: (outcome?.orders ?? []).map(toOrder),
      summary: describeRun(run),
    },
  }
}

/** What became of a run, in words. One that failed says why, also when it left an outcome. */
export function describeRun(run: Run): string {
  const summary = run.outcome?.summary ?? ''
  const parts = run.error === null || summary.includes(run.error) ? [summary] : [summary, run.error]
  return parts.filter((part) => part !== '').join('\n')
}

// Field by field: what else the ledger may hold one day is not for every reader.
function toItem(item: OutcomeItem): OutcomeItem {
  const { itemId, name, decision, reason, needQuantity, orderedQuantity, unit } = item
  return { itemId, name, decision, reason, needQuantity, orderedQuantity, unit }
}

function toOrder(order: OutcomeOrder): OutcomeOrder {
  const { id, supplier, status, subtotalMinor, shippingMinor, taxMinor, discountMinor, totalMinor, currency } = order
  const amounts = { subtotalMinor, shippingMinor, taxMinor, discountMinor, totalMinor, currency }
  return { id, supplier, status, ...amounts, lines: order.lines.map(toLine) }
}

function toLine(line: OutcomeOrderLine): OutcomeOrderLine {
  const { itemId, product, packs, packQuantity, quantity, unit, packPriceMinor, taxMinor, lineTotalMinor } = line
  return { itemId, product, packs, packQuantity, quantity, unit, packPriceMinor, taxMinor, lineTotalMinor }
}
