import type { PastAction } from '../../../access/audit.js'
import { Crumb } from '../crumb.js'
import { DataTable } from '../data-table.js'
import { Badge, Empty, Name, Pager, When, withQuery } from '../parts.js'

export const actionsPerPage = 50

interface AuditProps {
  readonly actions: readonly PastAction[]
  readonly isFirst: boolean
}

const tones = { done: 'good', refused: 'warn', failed: 'bad' } as const

export function Audit({ actions, isFirst }: AuditProps) {
  const last = actions.length === actionsPerPage ? actions.at(-1) : undefined
  return (
    <>
      <Crumb href="/settings">Settings</Crumb>
      <div class="head">
        <h1>Who did what</h1>
      </div>
      {actions.length === 0 ? (
        <Empty>Nothing was changed by anybody yet.</Empty>
      ) : (
        <DataTable
          rows={actions}
          label="Who did what"
          columns={[
            { title: 'What', cell: ({ action }) => <Name text={action} /> },
            { title: 'On', cell: ({ subject }) => (subject === null ? null : <Name text={subject} />) },
            {
              title: 'Who',
              cell: ({ actorKind, actor }) => (
                <>
                  {actorKind} <Name text={actor} />
                </>
              ),
            },
            { title: 'When (UTC)', cell: ({ at }) => <When at={at} timeZone="UTC" /> },
            { title: 'Result', cell: ({ result }) => <Badge tone={tones[result]}>{result}</Badge> },
          ]}
        />
      )}
      <Pager
        first={isFirst ? null : '/settings/audit'}
        next={last === undefined ? null : withQuery('/settings/audit', { before: last.id })}
      />
    </>
  )
}
