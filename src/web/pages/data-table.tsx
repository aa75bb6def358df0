import type { Child } from 'hono/jsx'

export interface DataColumn<Row> {
  readonly title: string
  readonly cell: (row: Row) => Child
  /** `number` stands on the right; `wide` takes a line of its own on narrow screens, without its title. */
  readonly kind?: 'number' | 'wide' | 'main'
}

export interface DataTableProps<Row> {
  readonly columns: readonly DataColumn<Row>[]
  readonly rows: readonly Row[]
  /** For who doesn't see it. */
  readonly label?: string | undefined
  /** It stands in a card already. */
  readonly isPlain?: boolean | undefined
}

/** A table that narrow screens show as one block a row, each cell with its title. The first cell heads the block. */
export function DataTable<Row>({ columns, rows, label, isPlain }: DataTableProps<Row>) {
  const kindAt = (index: number) => columns[index]?.kind ?? (index === 0 ? 'main' : undefined)
  return (
    <div class="table" data-plain={isPlain === true ? 'yes' : undefined}>
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ title }, index) => (
              <th class={kindAt(index)} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ title, cell }, index) => {
                const content = cell(row)
                const kind = [kindAt(index), content === null || content === '' ? 'blank' : undefined]
                return (
                  <td class={kind.filter((each) => each !== undefined).join(' ') || undefined} data-label={title}>
                    {content}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
