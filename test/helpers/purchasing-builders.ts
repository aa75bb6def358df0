import type { DomainContext } from '../../src/platform/context.js'
import type { Caller } from '../../src/platform/run-context.js'
import { addOffer, type NewOffer } from '../../src/purchasing/catalog/add-offer.js'
import { addSupplier, type NewSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { productId, productIdentity } from '../../src/purchasing/catalog/product-identity.js'
import { type NeedToRegister, registerNeeds } from '../../src/purchasing/needs/register-needs.js'

export function csvBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function buildRun(overrides: Partial<Extract<Caller, { kind: 'run' }>> = {}): Extract<Caller, { kind: 'run' }> {
  return { kind: 'run', run: 'run_1', list: 'cafe', epoch: 1, dryRun: false, ...overrides }
}

/** A supplier without shipping fee, minimum order or tax, unless told otherwise. */
export async function buildSupplier(
  ctx: DomainContext,
  overrides: Partial<NewSupplier> & { id: string },
): Promise<string> {
  const { id } = await addSupplier(ctx, {
    name: `Supplier ${overrides.id}`,
    channel: 'simulated',
    currency: 'EUR',
    ...overrides,
  })
  return id
}

export interface BuiltOffer {
  readonly productId: string
}

/** One piece for 1.00, unless told otherwise. Its sku is made up from its name. */
export async function buildOffer(
  ctx: DomainContext,
  overrides: Partial<NewOffer> & { supplierId: string; name: string },
): Promise<BuiltOffer> {
  const sku = overrides.sku ?? overrides.name.toLowerCase().replaceAll(' ', '-')
  await addOffer(ctx, { unit: 'pcs', packQuantity: 1, price: '1.00', sku, ...overrides })
  const identity = productIdentity({ ...overrides, sku, gtin: overrides.gtin ?? null })
  return { productId: productId(identity) }
}

export function buildNeed(overrides: Partial<NeedToRegister> & { itemId: string }): NeedToRegister {
  return {
    name: `Item ${overrides.itemId}`,
    quantity: 1,
    unit: 'pcs',
    onOrderSeen: 0,
    origin: 'person',
    links: [],
    ...overrides,
  }
}

/** Registers the needs of a run for list `cafe` in EUR. */
export async function registerRun(
  ctx: DomainContext,
  needs: readonly NeedToRegister[],
  overrides: Partial<Extract<Caller, { kind: 'run' }>> = {},
): Promise<DomainContext & { readonly caller: Caller }> {
  const asRun = { ...ctx, caller: buildRun(overrides) }
  await registerNeeds(asRun, { list: asRun.caller.list, currency: 'EUR', timeZone: 'Europe/Berlin', needs })
  return asRun
}
