import { formatMoney } from '../../../platform/decimal.js'
import type { Supplier } from '../../../purchasing/catalog/find-suppliers.js'
import type { LimitsView, LimitView } from '../../../purchasing/limits/get-limits.js'
import type { LimitSettings } from '../../../purchasing/limits/limit-settings.js'
import type { GlobalPause } from '../../../purchasing/limits/pause.js'
import type { ListView } from '../../../stock/lists.js'
import { DataTable } from '../data-table.js'
import { ActionButton } from '../form.js'
import { ListTabs } from '../list-tabs.js'
import { Badge, inWords, Name, When } from '../parts.js'
import { limitTitle } from './limit-words.js'
import { LimitsForm } from './limits-form.js'

export interface LimitsProps {
  readonly lists: readonly ListView[]
  readonly list: ListView
  readonly view: LimitsView
  readonly settings: LimitSettings
  readonly isListPaused: boolean
  readonly pause: GlobalPause | null
  readonly suppliers: readonly Supplier[]
  readonly values: Readonly<Record<string, string>> | null
  readonly problem: string | null
}

export function Limits(props: LimitsProps) {
  const { lists, list, view, isListPaused, pause } = props
  return (
    <>
      <div class="head">
        <h1>Limits</h1>
        <div class="actions">
          {pause === null ? (
            <ActionButton action="/limits/pause-all" text="Pause all buying" kind="danger" fields={{ paused: 'yes' }} />
          ) : (
            <ActionButton action="/limits/pause-all" text="Resume buying for every list" fields={{ paused: '' }} />
          )}
        </div>
      </div>
      <p class="soft">
        What may be spent. They hold where orders are placed, whatever the model says, and for approvals as well.
      </p>
      <ListTabs lists={lists} chosen={list.id} path="/limits" />
      <div class="row">
        <h2>
          <Name text={list.name} />
        </h2>
        {isListPaused ? <Badge tone="warn">paused</Badge> : <Badge tone="good">may buy</Badge>}
        <span class="last">
          <ActionButton
            action="/limits/pause"
            text={isListPaused ? 'Resume buying' : 'Pause buying'}
            kind="secondary"
            fields={{ list: list.id, paused: isListPaused ? '' : 'yes' }}
          />
        </span>
      </div>
      <DataTable
        rows={view.limits}
        label={`Limits of ${list.name}`}
        columns={[
          { title: 'Limit', cell: ({ kind }) => limitTitle(kind) },
          { title: 'Value', cell: (limit) => <strong>{writtenValue(limit, list.currency)}</strong>, kind: 'number' },
          { title: 'Used', cell: (limit) => usedOf(limit, list.currency), kind: 'number' },
          { title: 'Left', cell: (limit) => leftOf(limit, list.currency), kind: 'number' },
          { title: 'Share used', cell: gauge, kind: 'wide' },
          {
            title: 'Starts anew',
            cell: ({ resetsAt }) => (resetsAt === null ? null : <When at={resetsAt} timeZone={list.timeZone} />),
          },
        ]}
      />
      {view.source === 'file' ? (
        <p class="soft">These come from the configuration file and are changed there; pausing works here as well.</p>
      ) : (
        <LimitsForm {...props} />
      )}
    </>
  )
}

function writtenValue({ amountMinor, value }: LimitView, currency: string): string {
  if (amountMinor !== null) return formatMoney(amountMinor, currency)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  return inWords(String(value ?? ''))
}

function usedOf({ usedMinor, usedCount }: LimitView, currency: string): string | number | null {
  return usedMinor === null ? usedCount : formatMoney(usedMinor, currency)
}

function leftOf({ leftMinor, leftCount }: LimitView, currency: string): string | number | null {
  return leftMinor === null ? leftCount : formatMoney(leftMinor, currency)
}

/** null where nothing is used up. */
function gauge(limit: LimitView) {
  const used = limit.usedMinor ?? limit.usedCount
  const most = limit.amountMinor ?? (typeof limit.value === 'number' ? limit.value : null)
  if (used === null || most === null) return null
  return (
    <progress value={Math.min(used, most)} max={Math.max(1, most)} aria-label={`${limitTitle(limit.kind)}: used`} />
  )
}
