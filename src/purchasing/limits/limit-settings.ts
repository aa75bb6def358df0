/**
 * Limits as people write them (restock.yaml, `restock limits set`): snake_case keys, money in major units of the list's
 * currency. Stored in this form too, normalised, so that a person reads back what they wrote.
 */
import { z } from 'zod'
import { MAX_MONEY, minorUnits, normalizeDecimal, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { nearest } from '../../platform/nearest.js'
import type { Limits, SupplierLimits } from './limits.js'

const amountSchema = z.union([z.string(), z.number()]).optional()
const flagSchema = z.boolean().optional()
const supplierLimitsSchema = z.object({ per_order: amountSchema, per_month: amountSchema })

/** What is stored; `parseLimitSettings` has checked it more closely. */
export const limitSettingsSchema = z.object({
  per_order: amountSchema,
  per_day: amountSchema,
  per_week: amountSchema,
  per_month: amountSchema,
  /** An order above it waits for a person. */
  approve_above: amountSchema,
  /** Most that one order may spend on one item, net. */
  max_line_amount: amountSchema,
  /** So much dearer a basket may be for each order less: what sending and taking in one more is a bother. Never paid. */
  order_effort: amountSchema,
  orders_per_day: z.int().min(0).optional(),
  /** Most orders that one run may place with one supplier, whatever becomes of them. */
  orders_per_run: z.int().min(0).optional(),
  /** An item of which more than this many times the need is bought waits for a person. */
  max_times_need: amountSchema,
  /** Above the unit price last paid, in percent. */
  max_price_rise_percent: amountSchema,
  /** What becomes of an order whose prices have risen by more. */
  price_rise: z.enum(['approve', 'refuse']).optional(),
  allowed_suppliers: z.array(z.string()).readonly().optional(),
  /** By supplier id. */
  per_supplier: z.record(z.string(), supplierLimitsSchema).optional(),
  /** First purchase of a product that only a proposed link connects with the item. */
  first_purchase_needs_approval: flagSchema,
  first_supplier_order_needs_approval: flagSchema,
  /** Orders that come through a person's MCP client. */
  person_orders_need_approval: flagSchema,
  /** How much dearer a supplier may make an order that was sent, in percent, before a person is asked. */
  amendment_tolerance_percent: amountSchema,
  /** What becomes of an order that its supplier changes by more, or to another product. */
  on_amendment: z.enum(['ask', 'cancel', 'accept']).optional(),
  /** Days after which an order that was expected counts as overdue. */
  overdue_grace_days: z.int().min(0).optional(),
  /** Nothing is placed while it is on. */
  paused: flagSchema,
})

export type LimitSettings = Readonly<z.infer<typeof limitSettingsSchema>>
export type LimitKind = keyof LimitSettings

export const moneyLimitKinds = [
  'per_order',
  'per_day',
  'per_week',
  'per_month',
  'approve_above',
  'max_line_amount',
  'order_effort',
] as const
export const supplierLimitKinds = ['per_order', 'per_month'] as const
export const flagLimitKinds = [
  'first_purchase_needs_approval',
  'first_supplier_order_needs_approval',
  'person_orders_need_approval',
  'paused',
] as const
export const limitKinds: readonly LimitKind[] = [
  ...moneyLimitKinds,
  'orders_per_day',
  'orders_per_run',
  'max_times_need',
  'max_price_rise_percent',
  'price_rise',
  'allowed_suppliers',
  'per_supplier',
  'amendment_tolerance_percent',
  'on_amendment',
  'overdue_grace_days',
  ...flagLimitKinds,
]
/** How one limit of one supplier is named: `per_supplier.<supplier id>.per_month`. */
export type SupplierLimitPath = `per_supplier.${string}.${(typeof supplierLimitKinds)[number]}`
export type LimitName = Exclude<LimitKind, 'per_supplier'> | SupplierLimitPath

/** As people read them in help and messages. */
export const limitNames: readonly string[] = limitKinds.flatMap((kind) =>
  kind === 'per_supplier' ? supplierLimitKinds.map((each) => `per_supplier.<supplier id>.${each}`) : [kind],
)

/** What holds where nothing is set. */
const flagDefaults = {
  first_purchase_needs_approval: true,
  first_supplier_order_needs_approval: false,
  person_orders_need_approval: true,
} as const satisfies Partial<Record<LimitKind, boolean>>
/** One for what is due, and two more for what a second attempt or a stale need leaves over. */
const defaultOrdersPerRun = 3
/** The smallest pack may well hold several times what is needed; more than this is a slip in some catalog. */
const defaultMaxTimesNeed = '10'

/** Money and currency: without a known currency the most decimals that any has are let through. */
const decimalsOf = (currency: string | null) => (currency === null ? 4 : minorUnits(currency))

/** Checks and normalises settings; every mistake is an `InputError` that names the setting. */
export function parseLimitSettings(
  raw: Readonly<Record<string, unknown>>,
  list: string,
  currency: string | null,
): LimitSettings {
  const settings: Record<string, unknown> = {}
  for (const [kind, value] of Object.entries(raw)) {
    if (value === undefined || value === null) continue
    settings[kind] = parseLimit(kind, value, list, currency)
  }
  return limitSettingsSchema.parse(settings)
}

/** One setting, as text from a command line or as a value from YAML. */
export function parseLimit(kind: string, value: unknown, list: string, currency: string | null): unknown {
  const where = `limit ${kind} of list ${list}`
  if (isMoneyKind(kind)) {
    return parseDecimalLimit(where, value, 'an amount such as 600 or 12.50', {
      max: MAX_MONEY,
      maxDecimals: decimalsOf(currency),
    })
  }
  if (kind === 'per_supplier') return parseSupplierLimits(value, list, currency)
  if (kind === 'max_price_rise_percent' || kind === 'amendment_tolerance_percent') {
    return parseDecimalLimit(where, value, 'a percentage such as 10 or 2.5', { max: 10_000, maxDecimals: 2 })
  }
  if (kind === 'max_times_need') {
    return parseDecimalLimit(where, value, 'a factor such as 10 or 2.5', { min: 1, max: 1_000_000, maxDecimals: 2 })
  }
  if (kind === 'price_rise') {
    if (value === 'approve' || value === 'refuse') return value
    throw new InputError(`${where}: write approve or refuse`)
  }
  if (kind === 'on_amendment') {
    if (value === 'ask' || value === 'cancel' || value === 'accept') return value
    throw new InputError(`${where}: write ask, cancel or accept`)
  }
  if (kind === 'orders_per_day' || kind === 'orders_per_run' || kind === 'overdue_grace_days') {
    const count = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value
    if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count
    throw new InputError(`${where}: write a whole number, 0 or more`)
  }
  if (kind === 'allowed_suppliers') {
    const ids = typeof value === 'string' ? value.split(',') : value
    const parsed = z.array(z.string().trim().min(1)).safeParse(ids)
    if (!parsed.success) throw new InputError(`${where}: write a list of supplier ids`)
    return [...new Set(parsed.data)].sort()
  }
  if (isFlagKind(kind)) {
    if (typeof value === 'boolean') return value
    if (value === 'true' || value === 'yes') return true
    if (value === 'false' || value === 'no') return false
    throw new InputError(`${where}: write true or false`)
  }
  throw notALimit(kind, list)
}

/** The supplier and the limit that a path names; null: it isn't such a path. */
export function readSupplierPath(
  name: string,
): { readonly supplierId: string; readonly kind: (typeof supplierLimitKinds)[number] } | null {
  const [first, supplierId = '', last = '', ...rest] = name.split('.')
  const kind = supplierLimitKinds.find((each) => each === last)
  if (first !== 'per_supplier' || rest.length > 0 || kind === undefined || !supplierIdPattern.test(supplierId)) {
    return null
  }
  return { supplierId, kind }
}

/** As suppliers are named, so that no id can be anything else than an id. */
const supplierIdPattern = /^[a-z0-9][a-z0-9_-]{0,39}$/

function parseSupplierLimits(value: unknown, list: string, currency: string | null): LimitSettings['per_supplier'] {
  const where = `limit per_supplier of list ${list}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${where}: name a supplier and its limits, as in per_supplier.north-dairy.per_month`)
  }
  const suppliers: [string, Record<string, unknown>][] = []
  for (const [supplierId, limits] of Object.entries(value)) {
    if (!supplierIdPattern.test(supplierId)) {
      throw new InputError(`${where}: "${supplierId.slice(0, 60)}" is not a supplier id`)
    }
    const path = `per_supplier.${supplierId}`
    if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
      throw new InputError(
        `limit ${path} of list ${list}: write ${supplierLimitKinds.join(' and ')} with an amount each`,
      )
    }
    const parsed: Record<string, unknown> = {}
    for (const [kind, amount] of Object.entries(limits)) {
      if (amount === undefined || amount === null) continue
      if (readSupplierPath(`${path}.${kind}`) === null) throw notALimit(`${path}.${kind}`, list)
      parsed[kind] = parseDecimalLimit(
        `limit ${path}.${kind} of list ${list}`,
        amount,
        'an amount such as 600 or 12.50',
        { max: MAX_MONEY, maxDecimals: decimalsOf(currency) },
      )
    }
    if (Object.keys(parsed).length > 0) suppliers.push([supplierId, parsed])
  }
  return Object.fromEntries(suppliers.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parseDecimalLimit(
  where: string,
  value: unknown,
  what: string,
  rules: { readonly min?: number; readonly max: number; readonly maxDecimals: number },
): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new InputError(`${where}: write ${what}`)
  try {
    return normalizeDecimal(String(value), { min: 0, ...rules })
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${where}: ${error.message}`) : error
  }
}

function notALimit(name: string, list: string): InputError {
  const meant = nearest(name, limitNames)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return new InputError(
    `${name.slice(0, 100)} (list ${list}) is not a limit${hint}${hint === '' ? '; k' : ' K'}nown limits are ${limitNames.join(', ')}`,
  )
}

/** Stored settings as the numbers that are enforced. */
export function toLimits(settings: LimitSettings, currency: string): Limits {
  const decimals = minorUnits(currency)
  const amount = (value: string | number | undefined) =>
    value === undefined ? null : floorToMinor(String(value), decimals)
  const flag = (kind: keyof typeof flagDefaults) => settings[kind] ?? flagDefaults[kind]
  return {
    perOrderMinor: amount(settings.per_order),
    perDayMinor: amount(settings.per_day),
    perWeekMinor: amount(settings.per_week),
    perMonthMinor: amount(settings.per_month),
    approveAboveMinor: amount(settings.approve_above),
    maxLineMinor: amount(settings.max_line_amount),
    ordersPerDay: settings.orders_per_day ?? null,
    ordersPerRun: settings.orders_per_run ?? defaultOrdersPerRun,
    maxTimesNeed: String(settings.max_times_need ?? defaultMaxTimesNeed),
    maxPriceRisePercent: settings.max_price_rise_percent === undefined ? null : String(settings.max_price_rise_percent),
    priceRise: settings.price_rise ?? 'approve',
    allowedSuppliers: settings.allowed_suppliers ?? null,
    perSupplier: new Map(
      Object.entries(settings.per_supplier ?? {}).map(([supplierId, ofSupplier]): [string, SupplierLimits] => [
        supplierId,
        { perOrderMinor: amount(ofSupplier.per_order), perMonthMinor: amount(ofSupplier.per_month) },
      ]),
    ),
    firstPurchaseNeedsApproval: flag('first_purchase_needs_approval'),
    firstSupplierOrderNeedsApproval: flag('first_supplier_order_needs_approval'),
    personOrdersNeedApproval: flag('person_orders_need_approval'),
  }
}

/** What one order more is worth avoiding, of a list whose settings these are. */
export function orderEffortOf({ order_effort }: LimitSettings, currency: string): number {
  return order_effort === undefined ? 0 : floorToMinor(String(order_effort), minorUnits(currency))
}

/** A limit finer than the currency (set before the currency was known) is cut, never raised. */
function floorToMinor(amount: string, decimals: number): number {
  const [whole = '0', fraction = ''] = amount.split('.')
  return toMinor(`${whole}.${fraction.slice(0, decimals)}0`, decimals)
}

export function isMoneyKind(kind: string): kind is (typeof moneyLimitKinds)[number] {
  return (moneyLimitKinds as readonly string[]).includes(kind)
}

export function isFlagKind(kind: string): kind is (typeof flagLimitKinds)[number] {
  return (flagLimitKinds as readonly string[]).includes(kind)
}
