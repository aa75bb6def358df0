import type { ItemView } from '../../../stock/item-view.js'
import { Name } from '../parts.js'

export function ItemLink({ item }: { item: ItemView }) {
  return (
    <a href={`/items/${item.itemId}`}>
      <Name text={item.name} />
    </a>
  )
}
