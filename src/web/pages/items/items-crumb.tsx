import { Crumb } from '../crumb.js'
import { Name, withQuery } from '../parts.js'

/** Back to the items of a list. */
export function ItemsCrumb({ list }: { list: { readonly id: string; readonly name: string } }) {
  return (
    <Crumb href={withQuery('/items', { list: list.id })}>
      Items of <Name text={list.name} />
    </Crumb>
  )
}
