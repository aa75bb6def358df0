import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'

export interface KnownList {
  readonly list: string
  readonly currency: string
  readonly timeZone: string
}

/**
 * The list of that id, or the only one there is: lists are known by their limits or by the runs that bought for them. A
 * person's client may buy for no other, since a list that it made up would have no limits.
 */
export async function requireKnownList(ctx: DomainContext, list: string | undefined): Promise<KnownList> {
  const limited = await ctx.db.selectFrom('purchasing.list_limits').select(['list', 'currency', 'time_zone']).execute()
  const registered = await ctx.db
    .selectFrom('purchasing.run_lists')
    .select(['list', 'currency', 'time_zone'])
    .distinctOn('list')
    .orderBy('list')
    .orderBy('registered_at', 'desc')
    .orderBy('run_id')
    .execute()
  const names = [...new Set([...limited, ...registered].map((row) => row.list))].sort()
  const id = list ?? (names.length === 1 ? names[0] : undefined)
  if (id === undefined || !names.includes(id)) throw unknownList(list, names)

  const told = limited.find((row) => row.list === id)
  const seen = registered.find((row) => row.list === id)
  const currency = told?.currency ?? seen?.currency
  const timeZone = told?.time_zone ?? seen?.time_zone
  if (!currency || !timeZone) {
    throw new InputError(
      `Ordering doesn't know the currency of list "${id}" yet; start a run for it first.`,
      'unknown_list',
    )
  }
  return { list: id, currency, timeZone }
}

function unknownList(list: string | undefined, names: readonly string[]): InputError {
  if (names.length === 0) {
    return new InputError(
      'Ordering knows no list yet; set one up in restock.yaml and start restock once.',
      'unknown_list',
    )
  }
  if (list === undefined) return new InputError(`Say which list this is for: ${names.join(', ')}.`, 'unknown_list')
  return new InputError(`There is no list "${list}"; ordering knows ${names.join(', ')}.`, 'unknown_list')
}
