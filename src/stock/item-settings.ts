/** What people may say of an item, and the one place where it is checked: import, tools and commands all come through here. */
import { type Column, date, gtin, money, oneOf, quantity, required, text } from '../platform/csv.js'
import { InputError } from '../platform/errors.js'
import { quoted } from '../platform/quoted.js'
import { every } from './every.js'
import { findOwnCode, substitutes } from './substitutes.js'
import type { ItemKind, ItemsTable, OverMax, Reorder } from './tables.js'

/** As the table names and holds them. */
export type ItemSettings = Pick<ItemsTable, SettingName> & { readonly over_max: OverMax; readonly reorder: Reorder }

type SettingName =
  | 'name'
  | 'sku'
  | 'gtin'
  | 'unit'
  | 'daily_use'
  | 'every'
  | 'reorder_point'
  | 'order_up_to'
  | 'reorder_quantity'
  | 'order_multiple'
  | 'minimum_quantity'
  | 'max_unit_price'
  | 'lead_time_days'
  | 'service_level'
  | 'substitutes'
  | 'category'
  | 'notes'
  | 'requested_quantity'
  | 'needed_by'

/** As code and people's clients give them; null clears, absent leaves alone. */
export interface ItemInput {
  readonly name?: string | undefined
  readonly unit?: string | undefined
  readonly sku?: string | null | undefined
  readonly gtin?: string | null | undefined
  readonly dailyUse?: number | null | undefined
  readonly every?: string | null | undefined
  readonly reorderPoint?: number | null | undefined
  readonly orderUpTo?: number | null | undefined
  readonly reorderQuantity?: number | null | undefined
  readonly orderMultiple?: number | null | undefined
  readonly minimumQuantity?: number | null | undefined
  /** Major units per item unit. */
  readonly maxUnitPrice?: string | number | null | undefined
  readonly overMax?: OverMax | null | undefined
  readonly reorder?: Reorder | null | undefined
  readonly leadTimeDays?: number | null | undefined
  readonly serviceLevel?: number | null | undefined
  /** In order of preference, separated by `|`: `sku:OM-2 | gtin:4006381333931 | product:prd_…`. */
  readonly substitutes?: string | null | undefined
  readonly category?: string | null | undefined
  readonly notes?: string | null | undefined
  readonly requestedQuantity?: number | null | undefined
  /** Of a one-off: the last day on which it may come, YYYY-MM-DD on the list's calendar. */
  readonly neededBy?: string | null | undefined
}

const overMax: Column<OverMax> = {
  required: false,
  parse: (cell, context) => oneOf(['allow', 'round_down', 'hold']).parse(cell, context) ?? 'allow',
}

const reorder: Column<Reorder> = {
  required: false,
  parse: (cell, context) => oneOf(['fixed', 'auto']).parse(cell, context) ?? 'fixed',
}

/** What each setting may hold. */
const settings = {
  name: required(text({ maxLength: 200 })),
  sku: text({ maxLength: 64 }),
  gtin: gtin(),
  unit: required(text({ maxLength: 32 })),
  daily_use: quantity({ min: 0 }),
  every: every(),
  reorder_point: quantity({ min: 0 }),
  order_up_to: quantity({ min: 0 }),
  reorder_quantity: quantity({ above: 0 }),
  order_multiple: quantity({ above: 0 }),
  minimum_quantity: quantity({ above: 0 }),
  max_unit_price: money({ above: 0 }),
  over_max: overMax,
  reorder,
  lead_time_days: quantity({ min: 0, max: 365 }),
  service_level: quantity({ min: 0.5, max: 0.999 }),
  substitutes: substitutes(),
  category: text({ maxLength: 100 }),
  notes: text({ maxLength: 500, multiline: true }),
  requested_quantity: quantity({ above: 0 }),
  needed_by: date(),
} satisfies { [K in keyof ItemSettings]: Column<ItemSettings[K]> }

export const settingNames = Object.keys(settings) as readonly (keyof ItemSettings)[]

/** The columns of an items file. */
export const itemColumns = {
  name: settings.name,
  list: text({ maxLength: 64 }),
  sku: settings.sku,
  gtin: settings.gtin,
  unit: settings.unit,
  on_hand: quantity({ min: 0 }),
  daily_use: settings.daily_use,
  every: settings.every,
  reorder_point: settings.reorder_point,
  order_up_to: settings.order_up_to,
  order_multiple: settings.order_multiple,
  minimum_quantity: settings.minimum_quantity,
  max_unit_price: settings.max_unit_price,
  category: settings.category,
  notes: settings.notes,
  reorder: settings.reorder,
  lead_time_days: settings.lead_time_days,
  service_level: settings.service_level,
  reorder_quantity: settings.reorder_quantity,
  over_max: settings.over_max,
  substitutes: settings.substitutes,
  id: itemId(),
}

/** What an export of this program calls the item: whoever reads it back elsewhere keeps the id, since orders name it. */
function itemId(): Column<string | null> {
  return {
    required: false,
    parse: (cell) => {
      if (cell === '') return null
      if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(cell)) return cell
      throw new InputError(`${quoted(cell)} can't be an id; leave it blank where it isn't from an export`)
    },
  }
}

export const noSettings: Omit<ItemSettings, 'name' | 'unit'> = {
  sku: null,
  gtin: null,
  daily_use: null,
  every: null,
  reorder_point: null,
  order_up_to: null,
  reorder_quantity: null,
  order_multiple: null,
  minimum_quantity: null,
  max_unit_price: null,
  over_max: 'allow',
  reorder: 'fixed',
  lead_time_days: null,
  service_level: null,
  substitutes: null,
  category: null,
  notes: null,
  requested_quantity: null,
  needed_by: null,
}

/** The settings that `input` speaks of, each checked by itself. */
export function readSettings(input: ItemInput): Partial<ItemSettings> {
  return {
    ...setting('name', input.name),
    ...setting('sku', input.sku),
    ...setting('gtin', input.gtin),
    ...setting('unit', input.unit),
    ...setting('daily_use', input.dailyUse),
    ...setting('every', input.every),
    ...setting('reorder_point', input.reorderPoint),
    ...setting('order_up_to', input.orderUpTo),
    ...setting('reorder_quantity', input.reorderQuantity),
    ...setting('order_multiple', input.orderMultiple),
    ...setting('minimum_quantity', input.minimumQuantity),
    ...setting('max_unit_price', input.maxUnitPrice),
    ...setting('over_max', input.overMax),
    ...setting('reorder', input.reorder),
    ...setting('lead_time_days', input.leadTimeDays),
    ...setting('service_level', input.serviceLevel),
    ...setting('substitutes', input.substitutes),
    ...setting('category', input.category),
    ...setting('notes', input.notes),
    ...setting('requested_quantity', input.requestedQuantity),
    ...setting('needed_by', input.neededBy),
  }
}

function setting(name: keyof ItemSettings, value: string | number | null | undefined): Partial<ItemSettings> {
  if (value === undefined) return {}
  const column: Column<unknown> = settings[name]
  return { [name]: parseCell(name, column, value) }
}

/** A quantity that somebody gave for one movement or request; 0 only where `min` says so. */
export function readQuantity(name: string, value: number, rules: { min: 0 } | { above: 0 }): number {
  return parseCell(name, required(quantity(rules)), value)
}

function parseCell<T>(name: string, column: Column<T>, value: string | number | null): T {
  try {
    return column.parse(value === null ? '' : String(value).trim(), { decimalComma: false })
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}`, error.code) : error
  }
}

export interface SettingsProblem {
  readonly column: keyof ItemSettings
  readonly text: string
}

/** What is wrong between settings that are each right by themselves, or null. */
export function findProblem(item: ItemSettings): SettingsProblem | null {
  const ownCode = findOwnCode(item)
  if (ownCode !== null) return { column: 'substitutes', text: ownCode }
  if (item.reorder === 'auto' && (item.every !== null || item.requested_quantity !== null)) {
    const text = 'auto is for what is kept in stock, not for a standing need or a one-off request; leave it blank'
    return { column: 'reorder', text }
  }
  if (item.needed_by !== null && item.requested_quantity === null) {
    return { column: 'needed_by', text: 'only a one-off request has a day by which it is needed; leave it blank' }
  }
  if (item.requested_quantity !== null) {
    const column = (['every', 'reorder_point', 'order_up_to'] as const).find((name) => item[name] !== null)
    return column === undefined
      ? null
      : { column, text: 'a one-off request is bought once and has none; leave it blank' }
  }
  if (item.reorder_point !== null && item.order_up_to !== null && item.reorder_point > item.order_up_to) {
    return {
      column: 'reorder_point',
      text: `${item.reorder_point} is above order_up_to (${item.order_up_to}); lower it or raise order_up_to`,
    }
  }
  if (item.every === null) return null
  if (item.reorder_point !== null) {
    return { column: 'every', text: 'an item is reordered by every or by reorder_point, not both; leave one blank' }
  }
  return (item.order_up_to ?? item.minimum_quantity ?? 0) > 0
    ? null
    : { column: 'every', text: 'every needs a quantity: fill order_up_to' }
}

export function assertSound(item: ItemSettings): void {
  const problem = findProblem(item)
  if (problem !== null) throw new InputError(`${problem.column}: ${problem.text}`)
}

/** A day that is over can't be kept by anybody; what was asked for in time stays as it is. */
export function assertNotOver(neededBy: string | null, today: string): void {
  if (neededBy === null || neededBy >= today) return
  throw new InputError(`needed_by: ${neededBy} is in the past (today is ${today}); give a later day or leave it out`)
}

export function kindOf(item: Pick<ItemSettings, 'every' | 'requested_quantity'>): ItemKind {
  if (item.requested_quantity !== null) return 'one_off'
  return item.every === null ? 'stock' : 'standing'
}

/** A person's or model's remark, trimmed and without control characters; null when there is none. */
export function cleanNote(note: string | null | undefined): string | null {
  return parseCell('note', text({ maxLength: 500 }), note ?? null)
}
