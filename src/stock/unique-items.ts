import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import type { ItemSettings } from './item-settings.js'

/** Locks the list against other changes of its items' names and codes until the transaction ends. */
export async function lockList(tx: DomainContext, list: string): Promise<void> {
  await tx.db.selectFrom('stock.lists').select('id').where('id', '=', list).forNoKeyUpdate().execute()
}

/** Refuses a name, sku or gtin that another item of the list has. The caller has locked the list. */
export async function assertUnique(
  tx: DomainContext,
  list: string,
  item: Pick<ItemSettings, 'name' | 'sku' | 'gtin'>,
  exceptId: string | null,
): Promise<void> {
  const taken = await tx.db
    .selectFrom('stock.items')
    .select(['name', 'sku', 'gtin'])
    .where('list', '=', list)
    .where('archived_at', 'is', null)
    .where('id', '<>', exceptId ?? '')
    .where((where) =>
      where.or([
        where(sql`lower(name)`, '=', sql`lower(${item.name})`),
        ...(item.sku === null ? [] : [where('sku', '=', item.sku)]),
        ...(item.gtin === null ? [] : [where('gtin', '=', item.gtin)]),
      ]),
    )
    .executeTakeFirst()
  if (taken === undefined) return
  throw new InputError(describeClash(list, item, taken), 'already_on_list')
}

function describeClash(
  list: string,
  item: Pick<ItemSettings, 'name' | 'sku' | 'gtin'>,
  taken: Pick<ItemSettings, 'name' | 'sku' | 'gtin'>,
): string {
  if (item.sku !== null && item.sku === taken.sku)
    return `list ${list} has sku ${item.sku} already (${taken.name}); use another`
  if (item.gtin !== null && item.gtin === taken.gtin) {
    return `list ${list} has gtin ${item.gtin} already (${taken.name}); use another`
  }
  return `list ${list} has "${taken.name}" already; change that item or use another name`
}
