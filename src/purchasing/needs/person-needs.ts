import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import { requireKnownList } from '../limits/known-lists.js'
import type { QuoteRequest } from '../quotes/create-quote.js'
import { openQuantities } from './open-quantities.js'
import { replaceNeeds } from './register-needs.js'

/**
 * Nobody registered needs for a person's client, so what it asks for is registered on the spot, under a run id that
 * serves this one quote. Orders of it need a person's approval unless the list's settings say otherwise.
 */
export async function registerPersonNeeds(tx: DomainContext, request: QuoteRequest): Promise<string> {
  const items = request.items ?? []
  if (items.length === 0) {
    throw new InputError(
      'Name the items to buy, each with item_id, quantity, unit and product_ids (from search_catalog).',
    )
  }
  const known = await requireKnownList(tx, request.list)
  const open = await openQuantities(
    tx,
    known.list,
    items.map((item) => item.itemId),
  )
  const needs = items.map((item, index) => {
    const { itemId, quantity, unit, productIds = [] } = item
    if (quantity === undefined) throw missing(index, 'quantity')
    if (unit === undefined) throw missing(index, 'unit')
    if (productIds.length === 0) throw missing(index, 'product_ids')
    return {
      itemId,
      name: item.name ?? itemId,
      quantity,
      unit,
      onOrderSeen: open.get(itemId) ?? 0,
      origin: 'person_client' as const,
      links: productIds.map((productId) => ({ productId, status: 'proposed' as const })),
    }
  })
  const runId = tx.newId('mcp')
  await replaceNeeds(tx, runId, { ...known, needs })
  return runId
}

function missing(index: number, field: string): InputError {
  return new InputError(`items[${index}].${field} is missing; each item needs item_id, quantity, unit and product_ids.`)
}
