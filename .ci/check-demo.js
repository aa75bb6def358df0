// Checks what `npm run demo -- --json` printed: the totals add up, every due item has a decision, whole packs cover the need.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const { run } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
assert.equal(run.status, 'completed')
assert.equal(run.list, 'cafe')
assert.equal(run.items.length, 45)
const sum = (values) => values.reduce((total, value) => total + value, 0)
for (const order of run.orders) {
  assert.equal(sum(order.lines.map((line) => line.lineTotalMinor)), order.subtotalMinor, order.supplier)
  assert.equal(sum(order.lines.map((line) => line.taxMinor)), order.taxMinor, order.supplier)
  assert.equal(order.subtotalMinor + order.shippingMinor + order.taxMinor - order.discountMinor, order.totalMinor)
  for (const line of order.lines) {
    assert.ok(Number.isInteger(line.packs) && line.packs > 0)
    assert.equal(Math.round(line.packs * line.packQuantity * 1000), Math.round(line.quantity * 1000), line.product)
    assert.equal(line.packs * line.packPriceMinor, line.lineTotalMinor, line.product)
  }
}
const decisions = ['ordered', 'pending_approval', 'refused', 'skipped', 'needs_attention', 'unknown']
for (const item of run.items) {
  assert.ok(decisions.includes(item.decision), item.name)
  assert.ok(item.reason.length > 0, item.name)
  const lines = run.orders.flatMap((order) => order.lines).filter((line) => line.itemId === item.itemId)
  assert.equal(Math.round(sum(lines.map((line) => line.quantity)) * 1000), Math.round(item.orderedQuantity * 1000), item.name)
  if (item.decision === 'ordered') assert.ok(item.orderedQuantity >= item.needQuantity, item.name)
}
console.log(`demo: ${run.items.length} items decided, ${run.orders.length} orders, totals add up`)
