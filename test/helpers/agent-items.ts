import type { RunSnapshot, SnapshotItem } from '../../src/runs/run.js'

/** A due item, in a snapshot as the list would give it. */
export function buildItem(overrides: Partial<SnapshotItem> = {}): SnapshotItem {
  return {
    itemId: 'itm_milk',
    name: 'Milk',
    kind: 'stock',
    unit: 'l',
    category: null,
    notes: null,
    sku: 'MILK-1',
    gtin: null,
    maxUnitPrice: null,
    onHand: 2,
    onOrder: 0,
    position: 2,
    reorderPoint: 10,
    orderUpTo: 24,
    need: 24,
    steps: [],
    links: [],
    origin: 'person',
    attention: null,
    ...overrides,
  }
}

export function buildSnapshot(items: readonly SnapshotItem[] = [buildItem()]): RunSnapshot {
  return { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', asOf: '2026-03-02T08:00:00.000Z', items }
}
