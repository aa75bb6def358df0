import type { LowList } from '../../../overview/low-items.js'
import type { ItemView } from '../../../stock/item-view.js'
import { namesOf } from '../lists.js'
import { counted, Name, withQuery } from '../parts.js'
import { BarKey, PositionBar } from '../position-bar.js'
import { ItemLink } from './item-link.js'

const dueShown = 8

interface LowProps {
  readonly low: readonly LowList[]
  readonly due: readonly ItemView[]
}

export function Low({ low, due }: LowProps) {
  const hasItems = low.some(({ itemCount }) => itemCount > 0)
  const out = low.flatMap((each) => each.out)
  const name = namesOf(low.map(({ list }) => list))
  return (
    <section class="card" id="low" aria-labelledby="low-title">
      <h2 id="low-title">Low</h2>
      {due.length > 0 ? (
        <>
          <ul class="cards">
            {due.slice(0, dueShown).map((item) => (
              <li>
                <div class="row">
                  <ItemLink item={item} />
                  {low.length > 1 ? (
                    <span class="soft small">
                      <Name text={name(item.list)} />
                    </span>
                  ) : null}
                  <Left item={item} />
                </div>
                {item.kind === 'one_off' ? null : <PositionBar {...item} />}
              </li>
            ))}
          </ul>
          <BarKey />
          <p class="row">
            {low
              .filter((each) => each.due.length > 0)
              .map(({ list, due: ofList }) => (
                <a href={withQuery('/items', { list: list.id, show: 'due' })}>
                  {low.length > 1 ? list.name : 'Items to buy'}: {ofList.length}
                </a>
              ))}
          </p>
        </>
      ) : hasItems ? (
        <p>Nothing has to be bought now.</p>
      ) : (
        <p>
          There are no items yet. <a href="/items/import">Import them from a CSV file</a> or{' '}
          <a href="/items/new">add one</a>.
        </p>
      )}
      {out.length === 0 ? null : (
        <p class="small">
          None left, but on order:{' '}
          {out.slice(0, dueShown).map((item, index) => (
            <>
              {index === 0 ? '' : ', '}
              <ItemLink item={item} />
            </>
          ))}
          {out.length > dueShown ? ` and ${out.length - dueShown} more` : ''}.
        </p>
      )}
    </section>
  )
}

function Left({ item: { kind, need, onHand, unit, daysLeft } }: { item: ItemView }) {
  if (kind === 'one_off') return <span class="small last number">{`${need} ${unit} requested`}</span>
  if (onHand === 0) return <strong class="wrong last">none left</strong>
  return (
    <span class="small last number">
      {onHand} {unit} left
      {daysLeft === null ? '' : daysLeft === 0 ? ', for today' : `, for ${counted(daysLeft, 'day')}`}
    </span>
  )
}
