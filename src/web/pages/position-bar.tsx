import type { ItemView } from '../../stock/item-view.js'

type Positioned = Pick<ItemView, 'onHand' | 'onOrder' | 'reorderPoint' | 'orderUpTo' | 'unit'>

/** What is there and coming, against where it is reordered and up to what; in words for who doesn't see it. */
export function PositionBar(item: Positioned) {
  const { onHand, onOrder, reorderPoint, orderUpTo } = item
  const full = Math.max(onHand + onOrder, reorderPoint ?? 0, orderUpTo ?? 0)
  const at = (quantity: number) => (full === 0 ? 0 : Math.round((quantity / full) * 1_960) / 10)
  return (
    <svg class="bar" viewBox="0 0 200 14" preserveAspectRatio="none" role="img" aria-label={describe(item)}>
      <title>{describe(item)}</title>
      <rect class="base" x="0" y="3" width="200" height="8" rx="2" />
      <rect class="hand" x="0" y="3" width={at(onHand)} height="8" rx="2" />
      <rect class="coming" x={at(onHand)} y="3" width={at(onOrder)} height="8" />
      {reorderPoint === null ? null : <rect class="point" x={at(reorderPoint)} y="0" width="1.6" height="14" />}
      {orderUpTo === null ? null : <rect class="level" x={at(orderUpTo)} y="0" width="1.6" height="14" />}
    </svg>
  )
}

export function describe({ onHand, onOrder, reorderPoint, orderUpTo, unit }: Positioned): string {
  return [
    `${onHand} ${unit} on hand`,
    `${onOrder} on order`,
    ...(reorderPoint === null ? [] : [`reordered at ${reorderPoint}`]),
    ...(orderUpTo === null ? [] : [`up to ${orderUpTo}`]),
  ].join(', ')
}

export function BarKey() {
  return (
    <p class="row small soft">
      <span>
        <span class="key" />
        on hand
      </span>
      <span>
        <span class="key coming" />
        on order
      </span>
      <span>
        <span class="key point" />
        reorder point
      </span>
      <span>
        <span class="key level" />
        order up to
      </span>
    </p>
  )
}
