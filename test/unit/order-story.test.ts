import { describe, expect, it } from 'vitest'
import { Story } from '../../src/web/pages/orders/order-story.js'

const order = {
  supplier: 'North Dairy',
  currency: 'EUR',
  lines: [{ lineId: 'lin_1', product: 'Oat drink 6 x 1 l', unit: 'l' }],
}

async function told(kind: string, actor: string, details: unknown): Promise<string> {
  const at = new Date('2026-03-02T08:00:00Z')
  const element = Story({ order, history: [{ at, kind, actor, details }], timeZone: 'Europe/Berlin' })
  const html = String(await element)
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

describe('the story of an order', () => {
  it('tells money, goods and reasons as people say them', async () => {
    expect(
      await told('placed', 'run:run_1', {
        status: 'awaiting_approval',
        totalMinor: 65544,
        approvalReasons: ['The total is above 600.00 EUR.', 'It is a first purchase.'],
      }),
    ).toBe(
      'placed by a run 2026-03-02 09:00 status: awaiting approval total: 655.44 EUR ' +
        'approval reasons: The total is above 600.00 EUR. It is a first purchase.',
    )
    expect(
      await told('received', 'supplier:north', {
        from: 'confirmed',
        deliveries: [{ id: 'dlv_1', lineId: 'lin_1', quantity: 36 }],
      }),
    ).toBe('received by North Dairy 2026-03-02 09:00 deliveries: 36 l of Oat drink 6 x 1 l')
    expect(await told('decline_term', 'person:web', { until: '2026-03-09T08:00:00.000Z' })).toBe(
      'decline term by a person ( web ) 2026-03-02 09:00 until: 2026-03-09 09:00',
    )
  })

  it('shows nothing that only programs read', async () => {
    const text = await told('amended', 'restock', {
      amendment: 'amd_1',
      changes: [{ kind: 'price', was: { a: 1 } }],
      x: {},
    })
    expect(text).toBe('amended by Restock 2026-03-02 09:00')
    expect(await told('confirmed', 'restock', null)).toBe('confirmed by Restock 2026-03-02 09:00')
  })
})
