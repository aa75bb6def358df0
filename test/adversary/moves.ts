/** What may happen in a sequence: calls by anybody with anything, and what goes on in the world meanwhile. */
import fc, { type Arbitrary } from 'fast-check'
import { listTools } from '../../servers/list/tools/index.js'
import { orderingTools } from '../../servers/ordering/tools/index.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { type CallerKind, forgeries } from './callers.js'
import { callOf, type Reference, seldom, type ToolCall } from './schema-arbitrary.js'
import { type RunName, runNames } from './stage.js'

export type Move =
  | { readonly kind: 'call'; readonly caller: CallerKind; readonly call: ToolCall }
  /** Calls that are under way at the same time. */
  | { readonly kind: 'at_once'; readonly calls: readonly { readonly caller: CallerKind; readonly call: ToolCall }[] }
  /** What a model that means well does: quote, order, mark; as far as it gets. */
  | {
      readonly kind: 'shop'
      readonly caller: CallerKind
      readonly steps: number
      /** It orders only when the quote has expired. */
      readonly isLate: boolean
      readonly items: 'all' | readonly Reference[]
    }
  /** Several place at the same time what they have quoted: one quote, everything each, or an item each while the budget was free. */
  | {
      readonly kind: 'race'
      readonly callers: readonly CallerKind[]
      readonly over: 'one_quote' | 'everything' | 'an_item_each'
    }
  | { readonly kind: 'forged_receipt'; readonly caller: CallerKind; readonly at: number }
  /** The worker takes needs, under a claim of its own where `isNew`. */
  | { readonly kind: 'begin'; readonly run: RunName; readonly isNew: boolean; readonly isSynced: boolean }
  /** The worker says that the run is over. */
  | { readonly kind: 'end'; readonly run: RunName }
  | { readonly kind: 'sync'; readonly how: 'news' | 'all_again' | 'backwards' }
  | { readonly kind: 'person'; readonly does: 'approve' | 'decline' | 'cancel'; readonly at: number }
  | { readonly kind: 'supplier'; readonly does: 'take' | 'deliver' | 'deliver_some'; readonly at: number }
  | { readonly kind: 'limits'; readonly settings: LimitSettings }
  | { readonly kind: 'wait'; readonly ms: number }

const noSolver = { solve: () => Promise.reject(new Error('only its schema is wanted')) }
export const allTools = [...listTools, ...orderingTools(noSolver)]

const anyRun = fc.constantFrom(...runNames)
const agent = (run: RunName): CallerKind => ({ kind: 'agent', run })

const insider: Arbitrary<CallerKind> = fc.oneof(
  { arbitrary: fc.constant(agent('A')), weight: 10 },
  { arbitrary: fc.constant(agent('C')), weight: 5 },
  { arbitrary: fc.constant(agent('B')), weight: 2 },
  { arbitrary: fc.constant(agent('D')), weight: 1 },
  { arbitrary: fc.constantFrom<RunName>('A', 'C').map((run): CallerKind => ({ kind: 'zombie', run })), weight: 2 },
)

const anybody: Arbitrary<CallerKind> = fc.oneof(
  { arbitrary: insider, weight: 12 },
  { arbitrary: fc.constant<CallerKind>({ kind: 'person' }), weight: 3 },
  {
    arbitrary: fc.record({ kind: fc.constant('forged' as const), run: anyRun, how: fc.constantFrom(...forgeries) }),
    weight: 3,
  },
)

const anyCall = fc.oneof(...allTools.map(callOf))
/** The tools that buy are the ones that matter most. */
const buyingCall = fc.oneof(
  ...allTools.filter(({ name }) => /create_quote|place_order|mark_ordered/.test(name)).map(callOf),
)
const call = fc.oneof({ arbitrary: anyCall, weight: 3 }, { arbitrary: buyingCall, weight: 2 })
const callBy = fc.record({ caller: anybody, call })

/** A context that the worker made for itself, in hands that pass on what a model wants: it must open no more than it has to. */
const workerCall = fc.record({
  caller: anyRun.map((run): CallerKind => ({ kind: 'worker', run })),
  call: fc.oneof(...allTools.filter(({ name }) => /apply_order_events|read_order_events/.test(name)).map(callOf)),
})

const amount = (...values: readonly string[]) => seldom(fc.constantFrom(...values), undefined, 3)
export const anyLimits: Arbitrary<LimitSettings> = fc
  .record({
    per_order: amount('0', '10', '25.50', '80'),
    per_day: amount('0', '20', '60', '150'),
    per_week: amount('30', '200'),
    per_month: amount('50', '250'),
    approve_above: amount('0', '15', '40'),
    max_line_amount: amount('10', '30'),
    orders_per_day: seldom(fc.constantFrom(0, 1, 2, 4), undefined, 3),
    orders_per_run: seldom(fc.constantFrom(1, 2), undefined, 3),
    allowed_suppliers: seldom(fc.constantFrom(['north'], ['north', 'post'], []), undefined, 3),
    per_supplier: seldom(
      fc.constantFrom({ north: { per_order: '30' } }, { north: { per_month: '40' }, post: { per_order: '5' } }),
      undefined,
      3,
    ),
    person_orders_need_approval: seldom(fc.constant(false), undefined, 4),
    first_purchase_needs_approval: seldom(fc.constant(false), undefined, 4),
    paused: seldom(fc.constant(true), undefined, 15),
  })
  .map((settings) => JSON.parse(JSON.stringify(settings)) as LimitSettings)

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Weights make sequences that get somewhere: orders of all kinds, and trouble around them. */
export const anyMove: Arbitrary<Move> = fc.oneof(
  { arbitrary: callBy.map((by): Move => ({ kind: 'call', ...by })), weight: 16 },
  { arbitrary: workerCall.map((by): Move => ({ kind: 'call', ...by })), weight: 1 },
  {
    arbitrary: fc
      .array(callBy, { minLength: 2, maxLength: 4, size: 'max' })
      .map((calls): Move => ({ kind: 'at_once', calls })),
    weight: 3,
  },
  {
    arbitrary: fc
      .record({
        caller: fc.oneof({ arbitrary: insider, weight: 8 }, { arbitrary: anybody, weight: 1 }),
        steps: fc.constantFrom(3, 3, 2, 2, 1),
        isLate: seldom(fc.constant(true), false, 10),
        items: fc.oneof(
          fc.constant('all' as const),
          fc.array(fc.record({ $pick: fc.constant('item' as const), at: fc.nat(12) }), {
            minLength: 1,
            maxLength: 3,
            size: 'max',
          }),
        ),
      })
      .map((shop): Move => ({ kind: 'shop', ...shop })),
    weight: 9,
  },
  {
    arbitrary: fc
      .record({
        callers: fc.array(
          fc.oneof({ arbitrary: fc.constant(agent('A')), weight: 2 }, { arbitrary: insider, weight: 1 }),
          {
            minLength: 2,
            maxLength: 5,
            size: 'max',
          },
        ),
        over: fc.constantFrom(
          'one_quote' as const,
          'everything' as const,
          'an_item_each' as const,
          'an_item_each' as const,
        ),
      })
      .map((race): Move => ({ kind: 'race', ...race })),
    weight: 4,
  },
  {
    arbitrary: fc.record({ caller: anybody, at: fc.nat(5) }).map((it): Move => ({ kind: 'forged_receipt', ...it })),
    weight: 2,
  },
  {
    arbitrary: fc
      .record({ run: anyRun, isNew: fc.boolean(), isSynced: fc.boolean() })
      .map((begin): Move => ({ kind: 'begin', ...begin })),
    weight: 3,
  },
  { arbitrary: anyRun.map((run): Move => ({ kind: 'end', run })), weight: 1 },
  {
    arbitrary: fc
      .constantFrom('news' as const, 'news' as const, 'all_again' as const, 'backwards' as const)
      .map((how): Move => ({ kind: 'sync', how })),
    weight: 3,
  },
  {
    arbitrary: fc
      .record({
        does: fc.constantFrom('approve' as const, 'approve' as const, 'decline' as const, 'cancel' as const),
        at: fc.nat(4),
      })
      .map((it): Move => ({ kind: 'person', ...it })),
    weight: 3,
  },
  {
    arbitrary: fc
      .record({
        does: fc.constantFrom('take' as const, 'take' as const, 'deliver' as const, 'deliver_some' as const),
        at: fc.nat(4),
      })
      .map((it): Move => ({ kind: 'supplier', ...it })),
    weight: 3,
  },
  { arbitrary: anyLimits.map((settings): Move => ({ kind: 'limits', settings })), weight: 1 },
  {
    arbitrary: fc.constantFrom(minuteMs, 31 * minuteMs, dayMs, 35 * dayMs).map((ms): Move => ({ kind: 'wait', ms })),
    weight: 2,
  },
)

export interface Sequence {
  readonly limits: LimitSettings
  /** Runs whose needs the worker takes before anything happens. */
  readonly begun: readonly RunName[]
  readonly moves: readonly Move[]
}

export const anySequence: Arbitrary<Sequence> = fc.record({
  limits: fc.oneof({ arbitrary: fc.constant<LimitSettings>({}), weight: 1 }, { arbitrary: anyLimits, weight: 3 }),
  begun: fc.constantFrom<readonly RunName[]>(
    ['A', 'C'],
    ['A', 'C'],
    ['A', 'B', 'C'],
    ['A', 'B', 'C', 'D'],
    ['A', 'C', 'D'],
    ['A'],
    [],
  ),
  moves: fc.array(anyMove, { minLength: 1, maxLength: 9, size: 'max' }),
})
