/** In whose name a call is made: the worker's for its model, a person's client, and everybody who claims to be what they are not. */

import { signReceipt } from '../../src/platform/receipt.js'
import { runContextKey, signRunContext } from '../../src/platform/run-context.js'
import { testSecret } from '../helpers/test-database.js'
import { type RunName, type Stage, serverOf } from './stage.js'

export const forgeries = [
  'other_secret',
  'tampered_list',
  'tampered_run',
  'tampered_epoch',
  'tampered_dry_run',
  'agent_as_worker',
  'expired',
  'longer_life',
  'other_audience',
  'dropped_audience',
  'no_signature',
  'empty_signature',
  'receipt_signature',
  'text',
  'null',
  'array',
] as const
export type Forgery = (typeof forgeries)[number]

export type CallerKind =
  | { readonly kind: 'agent'; readonly run: RunName }
  /** Under the claim before the present one, rightly signed: a worker that was paused. */
  | { readonly kind: 'zombie'; readonly run: RunName }
  /** The worker's own context of a run, which is not the one that carries events. */
  | { readonly kind: 'worker'; readonly run: RunName }
  | { readonly kind: 'person' }
  | { readonly kind: 'forged'; readonly run: RunName; readonly how: Forgery }

const minuteMs = 60_000

/** What would travel with the call of a tool. */
export function metaOf(stage: Stage, caller: CallerKind, tool: string): Record<string, unknown> | undefined {
  if (caller.kind === 'person') return undefined
  const audience = serverOf(tool)
  return {
    [runContextKey]: caller.kind === 'forged' ? forge(stage, caller, audience) : genuine(stage, caller, audience),
  }
}

function genuine(stage: Stage, caller: Exclude<CallerKind, { kind: 'person' | 'forged' }>, audience: string) {
  const { id: run, list, epoch, dryRun } = stage.runs[caller.run]
  return signRunContext(
    testSecret,
    {
      run,
      list,
      epoch: caller.kind === 'zombie' ? epoch - 1 : epoch,
      dryRun,
      actor: caller.kind === 'worker' ? 'worker' : 'agent',
    },
    new Date(stage.clock.now().getTime() + minuteMs),
    audience,
  )
}

function forge(
  stage: Stage,
  { run, how }: { readonly run: RunName; readonly how: Forgery },
  audience: string,
): unknown {
  const { id, list, epoch, dryRun } = stage.runs[run]
  const now = stage.clock.now().getTime()
  const context = { run: id, list, epoch, dryRun, actor: 'agent' as const }
  const soon = new Date(now + minuteMs)
  const signed = signRunContext(testSecret, context, soon, audience)
  const { signature: _, ...unsigned } = signed
  switch (how) {
    case 'other_secret':
      return signRunContext(
        'another secret of the same length, 32+ chars',
        { ...context, actor: 'worker' },
        new Date(now + minuteMs),
      )
    case 'tampered_list':
      return { ...signed, list: '*' }
    case 'tampered_run':
      return { ...signed, run: 'sync', list: '*' }
    case 'tampered_epoch':
      return { ...signed, epoch: epoch + 1 }
    case 'tampered_dry_run':
      return { ...signed, dry_run: !dryRun }
    case 'agent_as_worker':
      return { ...signed, actor: 'worker' }
    case 'expired':
      return signRunContext(testSecret, context, new Date(now))
    case 'longer_life':
      return { ...signed, expires_at: new Date(now + 1_000 * minuteMs).toISOString() }
    case 'other_audience':
      return signRunContext(testSecret, context, soon, audience === 'list' ? 'ordering' : 'list')
    case 'dropped_audience': {
      const { audience: __, ...anywhere } = signed
      return anywhere
    }
    case 'no_signature':
      return unsigned
    case 'empty_signature':
      return { ...unsigned, signature: '' }
    case 'receipt_signature':
      return { ...unsigned, signature: signReceipt(testSecret, { ...emptyReceipt, list }).split('.')[1] ?? '' }
    case 'text':
      return JSON.stringify(signed)
    case 'null':
      return null
    case 'array':
      return [signed]
  }
}

const emptyReceipt = { v: 1 as const, run: null, currency: 'EUR', issued_at: '2026-03-02T08:00:00.000Z', orders: [] }

/** Receipts that ordering never gave, of what was or was never ordered. */
export function forgedReceipts(stage: Stage): string[] {
  const line = { line_id: `lin_${stage.key}_forged`, item_id: stage.known.item[0] ?? '', quantity: 9_999, unit: 'l' }
  const receipt = {
    ...emptyReceipt,
    run: stage.runs.A.id,
    list: stage.lists[0],
    orders: [
      {
        order_id: `ord_${stage.key}_forged`,
        supplier_id: 'north',
        status: 'approved',
        expected_at: null,
        lines: [line],
      },
    ],
  }
  const [body = '', signature = ''] = signReceipt('another secret of the same length, 32+ chars', receipt).split('.')
  const genuine = stage.known.receipt.at(-1)?.split('.') ?? []
  return [
    `${body}.${signature}`,
    `${body}.${genuine[1] ?? 'x'}`,
    `${body}.`,
    body,
    genuine[0] ?? 'x',
    `${genuine[0] ?? 'x'}.${genuine[1] ?? 'x'}.${genuine[1] ?? 'x'}`,
  ]
}
