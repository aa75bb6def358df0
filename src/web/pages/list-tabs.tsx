import type { ListView } from '../../stock/lists.js'
import { Tabs, withQuery } from './parts.js'

const mostTabs = 8

export interface ListTabsProps {
  readonly lists: readonly ListView[]
  /** null: all of them. */
  readonly chosen: string | null
  readonly path: string
  /** The page can show all lists together. */
  readonly hasAll?: boolean
  /** What else stays as it is. */
  readonly query?: Readonly<Record<string, string | null>>
}

/** Which list a page is about; nothing where there is only one. */
export function ListTabs({ lists, chosen, path, hasAll = false, query = {} }: ListTabsProps) {
  if (lists.length < 2) return null
  if (lists.length > mostTabs) {
    return (
      <form method="get" action={path} class="inline">
        {Object.entries(query).map(([name, value]) =>
          value === null ? null : <input type="hidden" name={name} value={value} />,
        )}
        <label>
          List
          <select name="list">
            {hasAll ? <option value="">All lists</option> : null}
            {lists.map(({ id, name }) => (
              <option value={id} selected={id === chosen}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="secondary">
          Show
        </button>
      </form>
    )
  }
  const all = { href: withQuery(path, query), text: 'All lists', isChosen: chosen === null }
  return (
    <Tabs
      label="Lists"
      tabs={[
        ...(hasAll ? [all] : []),
        ...lists.map(({ id, name }) => ({
          href: withQuery(path, { ...query, list: id }),
          text: name,
          isChosen: id === chosen,
        })),
      ]}
    />
  )
}
