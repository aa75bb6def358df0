import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'

/** The product of an id. Throws InputError when there is none. */
export async function requireProduct(
  ctx: DomainContext,
  id: string,
): Promise<{ readonly id: string; readonly name: string }> {
  const product = await ctx.db
    .selectFrom('purchasing.products')
    .select(['id', 'name'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (product === undefined) {
    throw new InputError(
      `There is no product "${id.slice(0, 64)}"; \`restock catalog search\` shows their ids.`,
      'product_not_found',
    )
  }
  return product
}
