/** What suppliers changed of orders, as the database has it. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { DomainContext } from '../../platform/context.js'
import type { ReportedTerms } from '../channels/channel.js'
import type { OrderRow } from '../orders/order-rows.js'
import type { AmendmentsTable } from '../tables.js'
import type { Amendment } from './amendment.js'

export type AmendmentRow = Selectable<AmendmentsTable>

const amendedLineSchema = z.object({
  lineId: z.string(),
  product: z.string(),
  sku: z.string().nullable(),
  packs: z.number(),
  packQuantity: z.number(),
  unit: z.string(),
  packPriceMinor: z.number(),
  taxRate: z.number(),
  quantity: z.number(),
  lineTotalMinor: z.number(),
  taxMinor: z.number(),
})

/** An amendment as it is kept until somebody has decided: dates as text, all else as it was worked out. */
const storedSchema = z.object({
  changes: z.array(
    z.object({
      kind: z.enum(['quantity_adjusted', 'price_changed', 'substituted', 'back_ordered']),
      lineId: z.string().nullable(),
      text: z.string(),
    }),
  ),
  lines: z.array(amendedLineSchema),
  subtotalMinor: z.number(),
  shippingMinor: z.number(),
  taxMinor: z.number(),
  discountMinor: z.number(),
  totalMinor: z.number(),
  expectedAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .nullable(),
  isSubstituted: z.boolean(),
  fingerprint: z.string(),
})

/** Newest first. */
export async function findAmendments(ctx: DomainContext, orderId: string): Promise<AmendmentRow[]> {
  return ctx.db
    .selectFrom('purchasing.amendments')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .execute()
}

export function readAmendment(row: AmendmentRow): Amendment {
  return storedSchema.parse(row.result)
}

export async function insertAmendment(
  tx: DomainContext,
  order: OrderRow,
  input: {
    readonly amendment: Amendment
    readonly terms: ReportedTerms | null
    readonly askBecause: readonly string[]
    readonly state: 'applied' | 'pending'
  },
): Promise<string> {
  const id = tx.newId('amd')
  await tx.db
    .insertInto('purchasing.amendments')
    .values({
      id,
      order_id: order.id,
      at: tx.clock.now(),
      state: input.state,
      terms: JSON.stringify(input.terms),
      result: JSON.stringify(input.amendment),
      fingerprint: input.amendment.fingerprint,
      ask_because: JSON.stringify(input.askBecause),
      old_total_minor: order.total_minor,
      new_total_minor: input.amendment.totalMinor,
      decided_at: null,
      decided_by: null,
    })
    .execute()
  return id
}

export async function closeAmendment(
  tx: DomainContext,
  amendment: AmendmentRow,
  state: 'accepted' | 'declined' | 'superseded',
  by: string,
): Promise<void> {
  await tx.db
    .updateTable('purchasing.amendments')
    .set({ state, decided_at: tx.clock.now(), decided_by: by })
    .where('id', '=', amendment.id)
    .execute()
}
