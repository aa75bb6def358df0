import { describe, expect, it } from 'vitest'
import { explainItem } from '../../src/runs/explain-item.js'
import type { OutcomeOrder, SnapshotItem } from '../../src/runs/run.js'

const milk: SnapshotItem = {
  itemId: 'itm_milk',
  name: 'Milk',
  kind: 'stock',
  unit: 'l',
  category: null,
  notes: null,
  sku: null,
  gtin: null,
  maxUnitPrice: null,
  onHand: 8,
  onOrder: 0,
  position: 8,
  reorderPoint: 10,
  orderUpTo: 40,
  need: 36,
  steps: [
    { rule: 'order_up_to', from: 0, to: 32 },
    { rule: 'order_multiple', from: 32, to: 36 },
  ],
  links: [],
  origin: 'person',
  attention: null,
}

const order: OutcomeOrder = {
  id: 'ord_1',
  supplier: 'Molkerei',
  status: 'confirmed',
  subtotalMinor: 2910,
  shippingMinor: 0,
  taxMinor: 0,
  discountMinor: 0,
  totalMinor: 2910,
  currency: 'EUR',
  lines: [
    {
      itemId: 'itm_milk',
      product: 'Milk 12 x 1 l',
      packs: 3,
      packQuantity: 12,
      quantity: 36,
      unit: 'l',
      packPriceMinor: 970,
      taxMinor: 0,
      lineTotalMinor: 2910,
    },
  ],
}

describe('explainItem', () => {
  it('shows every number that led to the order, so that a person can check it', () => {
    const { lines } = explainItem(
      milk,
      {
        itemId: 'itm_milk',
        name: 'Milk',
        decision: 'ordered',
        reason: 'ordered 36 l',
        needQuantity: 36,
        orderedQuantity: 36,
        unit: 'l',
      },
      [order],
      [
        {
          supplier: 'Kontor',
          product: 'Milk 6 x 1 l',
          packs: 6,
          packQuantity: 6,
          packPriceMinor: 520,
          goodsMinor: 3120,
          currency: 'EUR',
        },
      ],
    )
    expect(lines).toEqual([
      'position: 8 on hand + 0 on order = 8 l',
      'reorder point 10 l (position is 2 below), order up to 40 l',
      'order up to: 0 → 32 l',
      'order multiple: 32 → 36 l',
      'bought from Molkerei: 3 × 12 l of "Milk 12 x 1 l" at 9.70 EUR = 29.10 EUR (confirmed)',
      'instead: 6 × 6 l of "Milk 6 x 1 l" from Kontor at 5.20 EUR = 31.20 EUR',
      'ordered: ordered 36 l',
    ])
  })

  it('says why nothing could be worked out', () => {
    const held = { ...milk, position: 10, onHand: 10, need: 0, steps: [], attention: 'The count looks wrong.' }
    expect(explainItem(held, undefined, [], []).lines).toEqual([
      'position: 10 on hand + 0 on order = 10 l',
      'reorder point 10 l (position is at it), order up to 40 l',
      'The count looks wrong.',
    ])
  })
})
