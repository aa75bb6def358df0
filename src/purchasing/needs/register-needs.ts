import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { MAX_QUANTITY, minorUnits, normalizeDecimal, roundQuantity } from '../../platform/decimal.js'
import { InputError, RefusalError } from '../../platform/errors.js'
import { parseGtin } from '../../platform/gtin.js'
import { isCalendarDay } from '../../platform/local-date.js'
import type { Caller } from '../../platform/run-context.js'
import { raiseFence } from '../fences.js'
import { budgetPeriod, startOfLocalDate } from '../limits/budget-period.js'
import type { NeedsTable } from '../tables.js'

export interface NeedToRegister {
  readonly itemId: string
  readonly name: string
  /** In `unit`, above 0, at most 3 decimals. */
  readonly quantity: number
  readonly unit: string
  readonly sku?: string | null | undefined
  readonly gtin?: string | null | undefined
  /** Most that one `unit` may cost, in major units of the list's currency. */
  readonly maxUnitPrice?: string | null | undefined
  /** What was on order for the item when the need was worked out: if that has changed, the need is stale. */
  readonly onOrderSeen: number
  readonly origin: NeedsTable['origin']
  /** Changes whenever a person changes the item; left out where the list doesn't say. */
  readonly version?: string | null | undefined
  readonly links: readonly { readonly productId: string; readonly status: 'confirmed' | 'proposed' }[]
  /** What a person allows in its place, the first first. */
  readonly substitutes?: readonly NamedProduct[] | undefined
  /** When it must be there at the latest: a day on the list's calendar, all of which is in time, or an instant. ISO 8601. */
  readonly neededBy?: string | null | undefined
  /**
   * How many times an ordinary need it counts where not everything can be bought; 1 by default. 0: not needed yet, to be
   * bought along only where that makes everything together cheaper.
   */
  readonly priority?: number | null | undefined
  /** Of priority 0 alone: which parts of the quantity may be bought, in `unit`; left out: any. */
  readonly portions?:
    | {
        readonly least: number
        readonly multiple?: number | null | undefined
        readonly most?: number | null | undefined
      }
    | null
    | undefined
}

/** Some product of the catalog: one of the three says which. */
export interface NamedProduct {
  readonly sku?: string | undefined
  readonly gtin?: string | undefined
  readonly productId?: string | undefined
}

export interface NeedsRegistration {
  readonly list: string
  readonly currency: string
  readonly timeZone: string
  /** The last order event that the list had taken before it worked these out; not said: all there are. */
  readonly eventsSeen?: number | null | undefined
  readonly needs: readonly NeedToRegister[]
}

/**
 * What this run may buy, and nothing else. Replaces what the run registered before and raises its fence; a worker that
 * has lost the run is refused.
 */
export async function registerNeeds(
  ctx: DomainContext & { readonly caller: Caller },
  registration: NeedsRegistration,
): Promise<{ readonly registered: number }> {
  const { caller } = ctx
  if (caller.kind !== 'run') {
    throw new RefusalError({
      code: 'worker_only',
      severity: 'final',
      text: 'Only the worker registers the needs of a run.',
    })
  }
  // '*' is the context that carries order events; it must not become a run that buys.
  if (caller.list !== registration.list || caller.list === '*') {
    throw new RefusalError({
      code: 'wrong_list',
      severity: 'final',
      text: `This run works on list "${caller.list}" and may not register needs of list "${registration.list}".`,
    })
  }
  return inTransaction(ctx, async (tx) => {
    await raiseFence(tx, caller.run, caller.epoch)
    return replaceNeeds(tx, caller.run, registration)
  })
}

/** Stores the needs of a run, or of one quote of a person's client. Runs in the caller's transaction. */
export async function replaceNeeds(
  tx: DomainContext,
  runId: string,
  registration: NeedsRegistration,
): Promise<{ readonly registered: number }> {
  minorUnits(registration.currency)
  checkTimeZone(registration.timeZone)
  const now = tx.clock.now()
  const terms = { currency: registration.currency, time_zone: registration.timeZone, registered_at: now }
  const eventsSeen = registration.eventsSeen ?? (await lastEvent(tx))
  const rows = registration.needs.map((need, index) => ({
    run_id: runId,
    events_seen: eventsSeen,
    list: registration.list,
    registered_at: now,
    ...checkNeed(need, `needs[${index}]`, registration.timeZone),
  }))
  const ids = new Set(rows.map((row) => row.item_id))
  if (ids.size < rows.length) throw new InputError('An item has two needs; register each item once.', 'duplicate_item')
  await tx.db
    .insertInto('purchasing.run_lists')
    .values({ run_id: runId, list: registration.list, ...terms })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ list: registration.list, ...terms }))
    .execute()
  await tx.db.deleteFrom('purchasing.needs').where('run_id', '=', runId).execute()
  for (let start = 0; start < rows.length; start += 1000) {
    await tx.db
      .insertInto('purchasing.needs')
      .values(rows.slice(start, start + 1000))
      .execute()
  }
  return { registered: rows.length }
}

/** Who doesn't say up to where it followed our events is taken to know them all. */
async function lastEvent(tx: DomainContext): Promise<number> {
  const row = await tx.db
    .selectFrom('purchasing.events')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst()
  return row?.seq ?? 0
}

function checkNeed(need: NeedToRegister, path: string, timeZone: string) {
  const unit = need.unit.trim()
  if (unit === '' || unit.length > 32) throw new InputError(`${path}.unit must be a unit such as kg or pcs.`)
  checkQuantity(need.quantity, `${path}.quantity`, 0.001)
  checkQuantity(need.onOrderSeen, `${path}.on_order_seen`, 0)
  return {
    item_id: need.itemId,
    name: need.name,
    quantity: need.quantity,
    unit,
    sku: need.sku?.trim() || null,
    gtin: readGtin(need.gtin),
    max_unit_price: readCap(need.maxUnitPrice, `${path}.max_unit_price`),
    on_order_seen: need.onOrderSeen,
    origin: need.origin,
    item_version: need.version ?? null,
    priority: need.priority ?? 1,
    portions: readPortions(need, `${path}.portions`),
    needed_by: readNeededBy(need.neededBy, `${path}.needed_by`, timeZone),
    links: JSON.stringify(need.links.map((link) => ({ product_id: link.productId, status: link.status }))),
    substitutes: JSON.stringify(
      (need.substitutes ?? []).map(({ sku, gtin, productId }) => ({
        sku: sku?.trim(),
        gtin: readGtin(gtin) ?? undefined,
        product_id: productId,
      })),
    ),
  }
}

function checkQuantity(quantity: number, path: string, min: number): void {
  if (quantity >= min && quantity <= MAX_QUANTITY && roundQuantity(quantity) === quantity) return
  throw new InputError(`${path} is ${quantity}; it must be a number of at least ${min} with at most 3 decimals.`)
}

function readPortions({ portions, priority }: NeedToRegister, path: string): string | null {
  if (portions === null || portions === undefined) return null
  if (priority !== 0) throw new InputError(`${path}: only a need of priority 0 is bought in parts; leave it out.`)
  const { least, multiple = null, most = null } = portions
  checkQuantity(least, `${path}.least`, 0)
  if (multiple !== null) checkQuantity(multiple, `${path}.multiple`, 0.001)
  if (most !== null) checkQuantity(most, `${path}.most`, 0)
  return JSON.stringify({ least, multiple, most })
}

/** The list may be another program's, with codes of its own: one that isn't a GTIN matches nothing and harms nothing. */
function readGtin(text: string | null | undefined): string | null {
  if (!text) return null
  try {
    return parseGtin(text)
  } catch (error) {
    if (error instanceof InputError) return null
    throw error
  }
}

/** Never dropped when it can't be read: without its cap the item could be bought at any price. */
function readCap(text: string | null | undefined, path: string): string | null {
  if (text === null || text === undefined) return null
  try {
    return normalizeDecimal(text, { min: 0, maxDecimals: 6 })
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}.`)
    throw error
  }
}

/** One that is over is kept: no supplier can meet it, and the quote says so of this item alone. */
function readNeededBy(text: string | null | undefined, path: string, timeZone: string): Date | null {
  if (text === null || text === undefined) return null
  const [day = ''] = text.split('T')
  if (isCalendarDay(day)) {
    if (text === day) return new Date(startOfLocalDate(budgetPeriod('day', day).until, timeZone).getTime() - 1)
    const instant = new Date(text)
    if (/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text) && !Number.isNaN(instant.getTime())) return instant
  }
  throw new InputError(`${path} is "${text.slice(0, 40)}"; write a day such as 2026-03-31 or 2026-03-31T12:00:00Z.`)
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new InputError(`"${timeZone.slice(0, 40)}" is not a time zone; use an IANA name such as Europe/Berlin.`)
  }
}
