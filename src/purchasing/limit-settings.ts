/**
 * Limits as people write them (restock.yaml, `restock limits set`): snake_case keys, money in major units of the list's
 * currency. Stored in this form too, normalised, so that a person reads back what they wrote.
 */
import { z } from 'zod'
import { MAX_MONEY, minorUnits, normalizeDecimal, toMinor } from '../platform/decimal.js'
import { InputError } from '../platform/errors.js'
import type { Limits } from './limits.js'

const amountSchema = z.union([z.string(), z.number()]).optional()
const flagSchema = z.boolean().optional()

/** What is stored; `parseLimitSettings` has checked it more closely. */
export const limitSettingsSchema = z.object({
  per_order: amountSchema,
  per_day: amountSchema,
  per_week: amountSchema,
  per_month: amountSchema,
  /** An order above it waits for a person. */
  approve_above: amountSchema,
  orders_per_day: z.int().min(0).optional(),
  allowed_suppliers: z.array(z.string()).readonly().optional(),
  /** First purchase of a product that only a proposed link connects with the item. */
  first_purchase_needs_approval: flagSchema,
  first_supplier_order_needs_approval: flagSchema,
  /** Orders that come through a person's MCP client. */
  person_orders_need_approval: flagSchema,
  /** Nothing is placed while it is on. */
  paused: flagSchema,
})

export type LimitSettings = Readonly<z.infer<typeof limitSettingsSchema>>
export type LimitKind = keyof LimitSettings

export const moneyLimitKinds = ['per_order', 'per_day', 'per_week', 'per_month', 'approve_above'] as const
export const flagLimitKinds = [
  'first_purchase_needs_approval',
  'first_supplier_order_needs_approval',
  'person_orders_need_approval',
  'paused',
] as const
export const limitKinds: readonly LimitKind[] = [
  ...moneyLimitKinds,
  'orders_per_day',
  'allowed_suppliers',
  ...flagLimitKinds,
]

/** What holds where nothing is set. */
const flagDefaults = {
  first_purchase_needs_approval: true,
  first_supplier_order_needs_approval: false,
  person_orders_need_approval: true,
} as const satisfies Partial<Record<LimitKind, boolean>>

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
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new InputError(`${where}: write an amount such as 600 or 12.50`)
    try {
      return normalizeDecimal(String(value), { min: 0, max: MAX_MONEY, maxDecimals: decimalsOf(currency) })
    } catch (error) {
      throw error instanceof InputError ? new InputError(`${where}: ${error.message}`) : error
    }
  }
  if (kind === 'orders_per_day') {
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
  throw new InputError(`${kind} (list ${list}) is not a limit; known limits are ${limitKinds.join(', ')}`)
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
    ordersPerDay: settings.orders_per_day ?? null,
    allowedSuppliers: settings.allowed_suppliers ?? null,
    firstPurchaseNeedsApproval: flag('first_purchase_needs_approval'),
    firstSupplierOrderNeedsApproval: flag('first_supplier_order_needs_approval'),
    personOrdersNeedApproval: flag('person_orders_need_approval'),
  }
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
