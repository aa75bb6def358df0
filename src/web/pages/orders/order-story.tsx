import { formatMoney } from '../../../platform/decimal.js'
import type { OrderStep } from '../../../purchasing/orders/get-order.js'
import type { Order, OrderLine } from '../../../purchasing/orders/order-view.js'
import { inWords, Name, When } from '../parts.js'

/** What a story speaks of. */
type ToldOrder = Pick<Order, 'supplier' | 'currency'> & {
  readonly lines: readonly Pick<OrderLine, 'lineId' | 'product' | 'unit'>[]
}

interface StoryProps {
  readonly order: ToldOrder
  readonly history: readonly OrderStep[]
  readonly timeZone: string
}

/** What happened to an order, oldest first: what, by whom, when, and what was said about it. */
export function Story({ order, history, timeZone }: StoryProps) {
  return (
    <ol class="steps">
      {history.map((step) => (
        <li>
          <div class="row">
            <strong>{inWords(step.kind)}</strong>
            <Actor actor={step.actor} order={order} />
            <span class="soft small last">
              <When at={step.at} timeZone={timeZone} />
            </span>
          </div>
          <Details details={step.details} order={order} timeZone={timeZone} />
        </li>
      ))}
    </ol>
  )
}

function Actor({ actor, order }: { actor: string; order: ToldOrder }) {
  const [kind = '', ...rest] = actor.split(':')
  const who = rest.join(':')
  if (kind === 'run') {
    return (
      <span>
        by <a href={`/runs/${encodeURIComponent(who)}`}>a run</a>
      </span>
    )
  }
  if (kind === 'supplier') {
    return (
      <span>
        by <Name text={order.supplier} />
      </span>
    )
  }
  if (kind === 'person') {
    return (
      <span>
        by a person (<Name text={who} />)
      </span>
    )
  }
  return (
    <span>
      by <Name text={actor === 'restock' ? 'Restock' : actor} />
    </span>
  )
}

/** The status before stands one step above. */
const untold: ReadonlySet<string> = new Set(['from', 'amendment'])

function Details({ details, order, timeZone }: { details: unknown; order: ToldOrder; timeZone: string }) {
  if (typeof details !== 'object' || details === null) return null
  const said = Object.entries(details).flatMap(([name, value]) =>
    untold.has(name) ? [] : [inPlain(name, value, order)],
  )
  const told = said.filter((each) => each !== null)
  if (told.length === 0) return null
  return (
    <div class="small soft">
      {told.map(({ label, texts }) => {
        const [only = ''] = texts
        if (texts.length > 1) {
          return (
            <>
              {label}:
              <ul>
                {texts.map((text) => (
                  <li>{text}</li>
                ))}
              </ul>
            </>
          )
        }
        return (
          <p class="tight">
            {label}: {isInstant(only) ? <When at={new Date(only)} timeZone={timeZone} /> : <Name text={only} />}
          </p>
        )
      })}
    </div>
  )
}

interface Told {
  readonly label: string
  readonly texts: readonly string[]
}

/** null where it says nothing to people. */
function inPlain(name: string, value: unknown, order: ToldOrder): Told | null {
  const label = labelOf(name)
  if (typeof value === 'number') {
    return { label, texts: [name.endsWith('Minor') ? formatMoney(value, order.currency) : String(value)] }
  }
  if (typeof value === 'string')
    return value === '' ? null : { label, texts: [name === 'status' ? inWords(value) : value] }
  if (!Array.isArray(value)) return null
  const texts = value.flatMap((each) => textOf(each, order))
  return texts.length === 0 ? null : { label, texts }
}

/** `approvedTotalMinor` is “approved total”. */
function labelOf(name: string): string {
  return inWords(name.replace(/Minor$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
}

function textOf(value: unknown, order: ToldOrder): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  if ('text' in value && typeof value.text === 'string') return [value.text]
  if ('lineId' in value && 'quantity' in value) {
    const line = order.lines.find(({ lineId }) => lineId === value.lineId)
    return [line === undefined ? String(value.quantity) : `${value.quantity} ${line.unit} of ${line.product}`]
  }
  return []
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
}
