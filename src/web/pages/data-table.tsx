import type { Child } from 'hono/jsx'

export interface DataColumn<Row> {
  readonly title: string
  readonly cell: (row: Row) => Child
  /** `number` stands on the right; `wide` takes a line of its own on narrow screens, without its title. */
  readonly kind?: 'number' | 'wide'
}

/** A table that narrow screens show as one block a row, each cell with its title. The first cell heads the block. */
export function DataTable<Row>({ columns, rows }: { columns: readonly DataColumn<Row>[]; rows: readonly Row[] }) {
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ title, kind }) => (
            <th class={kind}>{title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {columns.map(({ title, cell, kind }) => (
              <td class={kind} data-label={title}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
