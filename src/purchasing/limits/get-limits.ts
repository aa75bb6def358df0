import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import { localDate } from '../../platform/local-date.js'
import { type BudgetPeriodKind, budgetPeriod, startOfLocalDate } from './budget-period.js'
import { isSet } from './limit-owners.js'
import { type LimitName, limitKinds, orderEffortOf, supplierLimitKinds, toLimits } from './limit-settings.js'
import { findListLimits, type StoredLimits } from './list-limits.js'
import { findGlobalPause } from './pause.js'
import { spendFacts } from './reservations.js'

/** One limit and what is left of it. Amounts are in the list's currency, counts are numbers of orders. */
export interface LimitView {
  /** As it is set; one of a supplier is `per_supplier.<supplier id>.per_month`. */
  readonly kind: LimitName
  readonly amountMinor: number | null
  /** For limits that aren't money; also an amount as written while the list's currency isn't known. */
  readonly value: string | number | boolean | readonly string[] | null
  /** Who set it: `file` ones are changed only there; `default` holds where nobody has set anything. */
  readonly source: 'file' | 'person' | 'default'
  readonly usedMinor: number | null
  readonly leftMinor: number | null
  readonly usedCount: number | null
  readonly leftCount: number | null
  /** When the period ends and the budget is whole again. */
  readonly resetsAt: Date | null
}

export interface LimitsView {
  readonly list: string
  /** null: nobody has told it yet. */
  readonly currency: string | null
  /** Nothing can be ordered or approved, and nothing is sent. */
  readonly paused: boolean
  /** Since when buying is stopped for every list; null: it isn't. */
  readonly pausedForAllSince: Date | null
  /** `file`: the configuration file names some of them. */
  readonly source: 'file' | 'person'
  readonly limits: readonly LimitView[]
}

const unset: StoredLimits = {
  settings: {},
  fileSettings: {},
  isPaused: false,
  source: 'person',
  currency: null,
  timeZone: null,
}

/** Every limit that is set or holds by default, with what is used of it now. */
export async function getLimits(
  ctx: DomainContext,
  input: { readonly list?: string | undefined },
): Promise<LimitsView> {
  const list = await knownList(ctx, input.list)
  const stored = (await findListLimits(ctx, list)) ?? unset
  const { currency, timeZone } = await completeFacts(ctx, list, stored)
  const views =
    currency === null || timeZone === null
      ? viewsAsWritten(stored)
      : await viewsWithUse(ctx, list, stored, currency, timeZone)
  const pausedForAllSince = (await findGlobalPause(ctx))?.since ?? null
  const paused = stored.isPaused || pausedForAllSince !== null
  const limits = views.map((each) => ({ ...each, source: sourceOf(stored, each.kind) }))
  return { list, currency, paused, pausedForAllSince, source: stored.source, limits }
}

/** While nobody has said in which currency. */
function viewsAsWritten({ settings }: StoredLimits): PlainView[] {
  return limitKinds.flatMap((kind) => {
    if (kind !== 'per_supplier') return settings[kind] === undefined ? [] : [view(kind, { value: settings[kind] })]
    return Object.entries(settings.per_supplier ?? {}).flatMap(([supplierId, limits]) =>
      supplierLimitKinds.flatMap((each) => {
        const value = limits[each]
        return value === undefined ? [] : [view(`per_supplier.${supplierId}.${each}`, { value })]
      }),
    )
  })
}

async function viewsWithUse(
  ctx: DomainContext,
  list: string,
  stored: StoredLimits,
  currency: string,
  timeZone: string,
): Promise<PlainView[]> {
  const limits = toLimits(stored.settings, currency)
  const today = localDate(ctx.clock.now(), timeZone)
  const facts = await spendFacts(ctx, { list, currency, localDate: today })
  const endOf = (kind: BudgetPeriodKind) => startOfLocalDate(budgetPeriod(kind, today).until, timeZone)
  const budget = (kind: LimitName, period: BudgetPeriodKind, amountMinor: number, usedMinor: number) =>
    view(kind, { amountMinor, usedMinor, leftMinor: Math.max(0, amountMinor - usedMinor), resetsAt: endOf(period) })

  const views: PlainView[] = []
  if (limits.perOrderMinor !== null) views.push(view('per_order', { amountMinor: limits.perOrderMinor }))
  if (limits.perDayMinor !== null) views.push(budget('per_day', 'day', limits.perDayMinor, facts.dayMinor))
  if (limits.perWeekMinor !== null) views.push(budget('per_week', 'week', limits.perWeekMinor, facts.weekMinor))
  if (limits.perMonthMinor !== null) views.push(budget('per_month', 'month', limits.perMonthMinor, facts.monthMinor))
  if (limits.approveAboveMinor !== null) views.push(view('approve_above', { amountMinor: limits.approveAboveMinor }))
  if (limits.maxLineMinor !== null) views.push(view('max_line_amount', { amountMinor: limits.maxLineMinor }))
  const orderEffortMinor = orderEffortOf(stored.settings, currency)
  if (orderEffortMinor > 0) views.push(view('order_effort', { amountMinor: orderEffortMinor }))
  if (limits.ordersPerDay !== null) {
    const leftCount = Math.max(0, limits.ordersPerDay - facts.ordersToday)
    views.push(
      view('orders_per_day', {
        value: limits.ordersPerDay,
        usedCount: facts.ordersToday,
        leftCount,
        resetsAt: endOf('day'),
      }),
    )
  }
  if (limits.ordersPerRun !== null) views.push(view('orders_per_run', { value: limits.ordersPerRun }))
  views.push(view('max_times_need', { value: limits.maxTimesNeed }))
  if (limits.maxPriceRisePercent !== null) {
    views.push(view('max_price_rise_percent', { value: limits.maxPriceRisePercent }))
    views.push(view('price_rise', { value: limits.priceRise }))
  }
  for (const kind of ['amendment_tolerance_percent', 'on_amendment', 'overdue_grace_days'] as const) {
    const value = stored.settings[kind]
    if (value !== undefined) views.push(view(kind, { value }))
  }
  if (limits.allowedSuppliers !== null) views.push(view('allowed_suppliers', { value: limits.allowedSuppliers }))
  for (const [supplierId, { perOrderMinor, perMonthMinor }] of limits.perSupplier) {
    if (perOrderMinor !== null) views.push(view(`per_supplier.${supplierId}.per_order`, { amountMinor: perOrderMinor }))
    if (perMonthMinor === null) continue
    const usedMinor = facts.supplierMonthMinor.get(supplierId) ?? 0
    views.push(budget(`per_supplier.${supplierId}.per_month`, 'month', perMonthMinor, usedMinor))
  }
  views.push(
    view('first_purchase_needs_approval', { value: limits.firstPurchaseNeedsApproval }),
    view('first_supplier_order_needs_approval', { value: limits.firstSupplierOrderNeedsApproval }),
    view('person_orders_need_approval', { value: limits.personOrdersNeedApproval }),
  )
  return views
}

function sourceOf({ settings, fileSettings }: StoredLimits, name: LimitName): LimitView['source'] {
  if (isSet(fileSettings, name)) return 'file'
  return isSet(settings, name) ? 'person' : 'default'
}

type PlainView = Omit<LimitView, 'source'>

function view(kind: LimitName, known: Partial<Omit<PlainView, 'kind'>>): PlainView {
  const nothing = { amountMinor: null, value: null, usedMinor: null, leftMinor: null, usedCount: null, leftCount: null }
  return { kind, ...nothing, resetsAt: null, ...known }
}

/** Currency and zone as told with the limits, else as the list's last run registered them. */
async function completeFacts(
  ctx: DomainContext,
  list: string,
  stored: StoredLimits,
): Promise<{ currency: string | null; timeZone: string | null }> {
  if (stored.currency !== null && stored.timeZone !== null) return stored
  const row = await ctx.db
    .selectFrom('purchasing.run_lists')
    .select(['currency', 'time_zone'])
    .where('list', '=', list)
    .orderBy('registered_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return { currency: stored.currency ?? row?.currency ?? null, timeZone: stored.timeZone ?? row?.time_zone ?? null }
}

/** The list asked for, or the only one: lists are known by their limits or their runs. */
async function knownList(ctx: DomainContext, asked: string | undefined): Promise<string> {
  const rows = await ctx.db
    .selectFrom('purchasing.list_limits')
    .select('list')
    .union(ctx.db.selectFrom('purchasing.run_lists').select('list'))
    .orderBy('list')
    .execute()
  const known = rows.map((row) => row.list)
  const list = asked ?? (known.length === 1 ? known[0] : undefined)
  if (list !== undefined && known.includes(list)) return list
  const names = known.length === 0 ? 'none yet; run a list once' : known.join(', ')
  const trouble = list === undefined ? 'say which list' : `there is no list ${list}`
  throw new InputError(`${trouble}; ordering knows ${names}`, 'unknown_list')
}
