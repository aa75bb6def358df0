import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import { nearest } from '../../platform/nearest.js'
import { limitSettingsSchema } from './limit-settings.js'

/** A limit that names a supplier who isn't there, and so holds nobody back. */
export interface StrayLimit {
  readonly list: string
  readonly kind: 'allowed_suppliers' | 'per_supplier'
  readonly supplierId: string
  /** The one that was probably meant. */
  readonly meant: string | undefined
}

/** Limits come from the file before the suppliers are imported, so this can only be looked at afterwards. */
export async function findStrayLimits(ctx: DomainContext): Promise<StrayLimit[]> {
  const rows = await ctx.db.selectFrom('purchasing.list_limits').select(['list', 'settings']).orderBy('list').execute()
  const known = await supplierIds(ctx)
  return rows.flatMap(({ list, settings }) => {
    const { allowed_suppliers: allowed = [], per_supplier: perSupplier = {} } = limitSettingsSchema.parse(settings)
    const named = [
      ...allowed.map((supplierId) => ({ kind: 'allowed_suppliers' as const, supplierId })),
      ...Object.keys(perSupplier).map((supplierId) => ({ kind: 'per_supplier' as const, supplierId })),
    ]
    return named
      .filter(({ supplierId }) => !known.includes(supplierId))
      .map(({ kind, supplierId }) => ({ list, kind, supplierId, meant: nearest(supplierId, known) }))
  })
}

/** A person who sets a limit now means somebody who is there now. */
export async function assertSupplierExists(tx: DomainContext, supplierId: string): Promise<void> {
  const known = await supplierIds(tx)
  if (known.includes(supplierId)) return
  const meant = nearest(supplierId, known)
  const hint = meant === undefined ? 'see: restock suppliers list' : `did you mean ${meant}?`
  throw new InputError(`There is no supplier "${supplierId}"; ${hint}`)
}

async function supplierIds(ctx: DomainContext): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.suppliers')
    .select('id')
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}
