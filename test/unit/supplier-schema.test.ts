import { describe, expect, it } from 'vitest'
import {
  orderAnswerSchema,
  orderRequestSchema,
  supplierJsonSchema,
} from '../../src/purchasing/channels/http-protocol.js'

describe('the schema that suppliers get', () => {
  it('is what the code speaks; after a change on purpose, run this test with -u', async () => {
    await expect(`${JSON.stringify(supplierJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../docs/supplier-http.schema.json',
    )
  })

  it.each<[string, object]>([
    ['a plain yes', { status: 'confirmed' }],
    ['fields that we do not know', { status: 'accepted', reference: 'S-1', your_discount: 'gold' }],
    [
      'nulls where nothing is to say',
      { status: 'confirmed', reference: null, reason: null, lines: null, deliveries: null },
    ],
    ['a time with an offset', { status: 'confirmed', expected_at: '2026-03-04T10:00:00+01:00' }],
  ])('takes %s', (_, answer) => {
    expect(orderAnswerSchema.safeParse(answer).success).toBe(true)
  })

  it.each<[string, object]>([
    ['no status', { reference: 'S-1' }],
    ['a status that we do not know', { status: 'maybe' }],
    ['half a pack', { status: 'confirmed', lines: [{ line: 1, packs: 0.5 }] }],
    ['a negative price', { status: 'confirmed', lines: [{ line: 1, pack_price_minor: -1 }] }],
    ['a price in major units', { status: 'confirmed', lines: [{ line: 1, pack_price_minor: 9.99 }] }],
    [
      'a delivery of nothing',
      { status: 'confirmed', deliveries: [{ id: 'D', at: '2026-03-04T10:00:00Z', lines: [] }] },
    ],
    ['a day without a time', { status: 'confirmed', expected_at: '2026-03-04' }],
    ['a book for a reason', { status: 'rejected', reason: 'x'.repeat(501) }],
  ])('refuses %s', (_, answer) => {
    expect(orderAnswerSchema.safeParse(answer).success).toBe(false)
  })

  it('asks for a version, so that a later one can be told apart', () => {
    expect(orderRequestSchema.shape.version.safeParse(2).success).toBe(false)
  })
})
