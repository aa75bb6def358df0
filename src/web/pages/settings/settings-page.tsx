import { stringify } from 'yaml'
import { packageVersion } from '../../../config/paths.js'
import type { ListView } from '../../../stock/lists.js'
import { DataTable } from '../data-table.js'
import { Facts, Name, withQuery } from '../parts.js'

interface SettingsProps {
  readonly lists: readonly ListView[]
  /** The effective configuration, masked; null: this process doesn't know it. */
  readonly settings: object | null
  /** Which file decides about lists, limits and schedules; null: none does. */
  readonly appliedFile: string | null
}

export function Settings({ lists, settings, appliedFile }: SettingsProps) {
  return (
    <>
      <div class="head">
        <h1>Settings</h1>
        <div class="actions">
          <a class="button secondary" href="/settings/tokens">
            API tokens
          </a>
          <a class="button secondary" href="/settings/audit">
            Who did what
          </a>
          <a class="button" href="/start">
            Add a list
          </a>
        </div>
      </div>
      <Facts
        facts={[
          ['Version', packageVersion],
          [
            'Lists, limits and schedules',
            appliedFile === null ? 'as made here or by command' : `as ${appliedFile} says`,
          ],
        ]}
      />
      <h2>Lists</h2>
      <DataTable
        rows={lists}
        label="Lists"
        columns={[
          {
            title: 'List',
            cell: ({ id, name }) => (
              <a href={withQuery('/items', { list: id })}>
                <Name text={name} />
              </a>
            ),
          },
          { title: 'Id', cell: ({ id }) => <code>{id}</code> },
          { title: 'Currency', cell: ({ currency }) => currency },
          { title: 'Time zone', cell: ({ timeZone }) => timeZone },
          { title: 'From', cell: ({ source }) => (source === 'file' ? 'the configuration file' : 'a person') },
        ]}
      />
      <h2>Effective configuration</h2>
      {settings === null ? (
        <p class="soft">
          This process doesn’t know it; <code>restock config</code> prints it.
        </p>
      ) : (
        <>
          <p class="soft">Environment, file, flags and defaults together; secrets are masked.</p>
          <pre>{stringify(settings)}</pre>
        </>
      )}
    </>
  )
}
