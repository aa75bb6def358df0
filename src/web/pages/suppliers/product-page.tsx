import { formatMoney, minorUnits } from '../../../platform/decimal.js'
import type { OfferHistory, PriceSeen } from '../../../purchasing/catalog/price-history.js'
import { Chart, type ChartData, type ChartSeries } from '../chart.js'
import { Crumb } from '../crumb.js'
import { DataTable } from '../data-table.js'
import { Badge, Empty, Name, When } from '../parts.js'
import type { findLinkedItems } from './supplier-queries.js'

interface ProductProps {
  readonly name: string
  readonly offers: readonly OfferHistory[]
  readonly items: Awaited<ReturnType<typeof findLinkedItems>>
  readonly now: Date
}

const timeZone = 'UTC'
const styles: readonly ChartSeries['style'][] = ['steps', 'second', 'third']

export function Product({ name, offers, items, now }: ProductProps) {
  const chart = priceChart(offers, now)
  return (
    <>
      <Crumb href="/catalog">Catalog</Crumb>
      <div class="head">
        <h1>
          <Name text={name} />
        </h1>
      </div>
      <h2>Offers</h2>
      <DataTable
        rows={offers}
        label="Offers"
        columns={[
          {
            title: 'Supplier',
            cell: ({ supplierId }) => <a href={`/suppliers/${supplierId}`}>{supplierId}</a>,
          },
          { title: 'Called', cell: ({ name: called }) => <Name text={called} /> },
          { title: 'Sku', cell: ({ sku }) => (sku === null ? null : <Name text={sku} />) },
          { title: 'Pack', cell: ({ packQuantity, unit }) => `${packQuantity} ${unit}`, kind: 'number' },
          { title: 'Price', cell: ({ prices }) => priceOf(prices.at(-1)), kind: 'number' },
          { title: 'Change', cell: ({ prices }) => changeOf(prices.at(-1), prices.at(-2)), kind: 'number' },
          {
            title: 'State',
            cell: ({ isCurrent }) => (isCurrent ? null : <Badge tone="warn">not offered any more</Badge>),
          },
        ]}
      />
      <h2>Price of a pack over time</h2>
      {chart === null ? (
        <Empty>The prices have not changed since they are known.</Empty>
      ) : (
        <Chart chart={chart} label={`Price of ${name} over time; the table below has the numbers`} />
      )}
      <h2>Prices seen</h2>
      <DataTable
        rows={offers.flatMap((offer) => offer.prices.map((price) => ({ offer, price }))).reverse()}
        label="Prices seen"
        columns={[
          { title: 'Since', cell: ({ price }) => <When at={price.seenAt} timeZone={timeZone} /> },
          { title: 'Supplier', cell: ({ offer }) => offer.supplierId },
          { title: 'Price', cell: ({ price }) => priceOf(price), kind: 'number' },
          { title: 'From', cell: ({ price }) => price.source },
        ]}
      />
      <h2>Items that are this product</h2>
      {items.length === 0 ? (
        <Empty>No item is linked to it. On an item’s page it can be chosen as its product.</Empty>
      ) : (
        <ul class="cards">
          {items.map((item) => (
            <li class="row">
              <a href={`/items/${item.id}`}>
                <Name text={item.name} />
              </a>
              <span class="soft small">{item.list}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function priceOf(price: PriceSeen | undefined): string | null {
  return price === undefined ? null : formatMoney(price.packPriceMinor, price.currency)
}

/** In percent, to one decimal; for reading, never for deciding. */
function changeOf(price: PriceSeen | undefined, before: PriceSeen | undefined): string | null {
  if (price === undefined || before === undefined || before.currency !== price.currency) return null
  if (before.packPriceMinor === 0) return null
  const percent = ((price.packPriceMinor - before.packPriceMinor) / before.packPriceMinor) * 100
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`
}

/** null: no price has ever changed. The first three offers in one currency; the table has all. */
function priceChart(offers: readonly OfferHistory[], now: Date): ChartData | null {
  const currency = offers[0]?.prices.at(-1)?.currency
  if (currency === undefined) return null
  const shown = offers.filter(({ prices }) => prices.every((price) => price.currency === currency)).slice(0, 3)
  if (!shown.some(({ prices }) => prices.length > 1)) return null
  const times = [...new Set(shown.flatMap(({ prices }) => prices.map(({ seenAt }) => seenAt.getTime())))]
  const all = [...times, now.getTime()].sort((a, b) => a - b)
  const unit = 10 ** minorUnits(currency)
  const rows = shown.map(({ prices, isCurrent }) =>
    all.map((time) => {
      const price = prices.findLast(({ seenAt }) => seenAt.getTime() <= time)
      const isOver = !isCurrent && time > (prices.at(-1)?.seenAt.getTime() ?? 0)
      return price === undefined || isOver ? null : price.packPriceMinor / unit
    }),
  )
  return {
    unit: currency,
    timeZone,
    fromZero: false,
    series: shown.map(({ supplierId }, index) => ({ label: supplierId, style: styles[index] ?? 'steps' })),
    data: [all.map((time) => time / 1000), ...rows],
  }
}
