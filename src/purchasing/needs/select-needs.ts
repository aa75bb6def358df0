import type { DomainContext } from '../../platform/context.js'
import { roundQuantity } from '../../platform/decimal.js'
import { InputError, RefusalError } from '../../platform/errors.js'
import type { ItemToMatch } from '../catalog/match-products.js'
import { compareText } from '../compare-text.js'
import type { QuoteItem } from '../quotes/create-quote.js'
import type { QuoteNeed } from '../quotes/quote-candidates.js'

/** The registered needs that are asked for, at most in full; none asked for: all of them. */
export async function selectNeeds(
  tx: DomainContext,
  runId: string,
  items: readonly QuoteItem[],
): Promise<{ needs: QuoteNeed[]; toMatch: ItemToMatch[] }> {
  const rows = await tx.db
    .selectFrom('purchasing.needs')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('item_id')
    .execute()
  const byId = new Map(rows.map((row) => [row.item_id, row]))
  const named = new Set(items.map((item) => item.itemId))
  // What may be bought along is part of every quote: it comes in only where that makes the rest cheaper.
  const others = rows.filter((row) => !named.has(row.item_id) && (items.length === 0 || row.priority === 0))
  const wanted = [...items, ...others.map((row): QuoteItem => ({ itemId: row.item_id }))]
  const seen = new Set<string>()
  const needs: QuoteNeed[] = []
  const toMatch: ItemToMatch[] = []
  for (const [index, item] of wanted.entries()) {
    const row = byId.get(item.itemId)
    if (row === undefined) throw notRegistered(item.itemId, index)
    if (seen.has(item.itemId)) {
      throw new InputError(`items[${index}]: "${item.itemId}" is there twice; name each item once.`, 'duplicate_item')
    }
    seen.add(item.itemId)
    const quantity = item.quantity ?? row.quantity
    checkQuantity(quantity, row.quantity, row.unit, index)
    needs.push({
      itemId: row.item_id,
      name: row.name,
      quantity,
      unit: row.unit,
      maxUnitPrice: row.max_unit_price,
      origin: row.origin,
      neededBy: row.needed_by,
      priority: row.priority,
      portions: row.portions,
    })
    const proposed = (item.productIds ?? []).map((productId) => ({ productId, status: 'proposed' as const }))
    const links = row.links.map((link) => ({ productId: link.product_id, status: link.status }))
    const substitutes = row.substitutes.map(({ sku, gtin, product_id: productId }) => ({ sku, gtin, productId }))
    toMatch.push({ itemId: row.item_id, sku: row.sku, gtin: row.gtin, links: [...links, ...proposed], substitutes })
  }
  needs.sort((a, b) => compareText(a.itemId, b.itemId))
  return { needs, toMatch }
}

function notRegistered(itemId: string, index: number): RefusalError {
  return new RefusalError({
    code: 'need_not_registered',
    severity: 'recoverable',
    path: `items[${index}].item_id`,
    text: `Item "${itemId}" is not among what this run may buy; name only items that are due, by their ids, or none for all of them.`,
  })
}

function checkQuantity(quantity: number, need: number, unit: string, index: number): void {
  if (!(quantity > 0) || roundQuantity(quantity) !== quantity) {
    throw new InputError(`items[${index}].quantity must be above 0 and have at most 3 decimals.`)
  }
  if (quantity <= need) return
  throw new RefusalError({
    code: 'quantity_above_need',
    severity: 'recoverable',
    path: `items[${index}].quantity`,
    text: `${quantity} ${unit} is more than the need of ${need} ${unit}; ask for at most that, or leave the quantity out.`,
  })
}
