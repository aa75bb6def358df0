import type { DomainContext } from '../../platform/context.js'
import { findLines, type OrderRow } from '../orders/order-rows.js'
import { originalLineSchema } from '../orders/order-view.js'
import type { AgreedTerms } from './agreed-cost.js'
import { findAmendments, readAmendment } from './amendments.js'

/** What a person took last of what the supplier changed, else what was ordered. */
export async function findAgreed(tx: DomainContext, order: OrderRow): Promise<AgreedTerms> {
  const accepted = (await findAmendments(tx, order.id)).find(({ state }) => state === 'accepted')
  if (accepted !== undefined) return readAmendment(accepted)
  const lines = (await findLines(tx, order.id)).map((line) => {
    const { packs, packQuantity, packPriceMinor, lineTotalMinor, taxMinor } =
      line.original === null
        ? {
            packs: line.packs,
            packQuantity: line.pack_quantity,
            packPriceMinor: line.pack_price_minor,
            lineTotalMinor: line.line_total_minor,
            taxMinor: line.tax_minor,
          }
        : originalLineSchema.parse(line.original)
    return { lineId: line.id, packs, packQuantity, packPriceMinor, lineTotalMinor, taxMinor, taxRate: line.tax_rate }
  })
  return { totalMinor: order.original_total_minor ?? order.total_minor, lines }
}
