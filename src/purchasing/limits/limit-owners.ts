/**
 * Whose a limit is. The configuration file owns the limits that it names, and only it changes them; all others of the list
 * are a person's. Pure. Limits of suppliers are owned one by one, by their path.
 */
import { type LimitSettings, readSupplierPath } from './limit-settings.js'

type SupplierSettings = NonNullable<LimitSettings['per_supplier']>

/** By its name, or its path where it is a supplier's. */
export function isSet(settings: LimitSettings, name: string): boolean {
  const path = readSupplierPath(name)
  if (path === null) return Object.hasOwn(settings, name)
  return ofSupplier(settings.per_supplier ?? {}, path.supplierId)[path.kind] !== undefined
}

/** What holds: the file's word first. */
export function mergeSettings(persons: LimitSettings, file: LimitSettings): LimitSettings {
  if (persons.per_supplier === undefined || file.per_supplier === undefined) return { ...persons, ...file }
  const ids = [...new Set([...Object.keys(persons.per_supplier), ...Object.keys(file.per_supplier)])].sort()
  const merged = ids.map((id): [string, SupplierSettings[string]] => [
    id,
    { ...ofSupplier(persons.per_supplier ?? {}, id), ...ofSupplier(file.per_supplier ?? {}, id) },
  ])
  return { ...persons, ...file, per_supplier: Object.fromEntries(merged) }
}

/** What is a person's of what holds. */
export function withoutSettings(settings: LimitSettings, file: LimitSettings): LimitSettings {
  const { per_supplier: suppliers = {}, ...others } = settings
  const left = Object.fromEntries(Object.entries(others).filter(([kind]) => !Object.hasOwn(file, kind)))
  const leftOfSuppliers = Object.entries(suppliers).flatMap(([id, limits]): [string, SupplierSettings[string]][] => {
    const named = ofSupplier(file.per_supplier ?? {}, id)
    const own = Object.fromEntries(Object.entries(limits).filter(([kind]) => !Object.hasOwn(named, kind)))
    return Object.keys(own).length === 0 ? [] : [[id, own]]
  })
  return leftOfSuppliers.length === 0 ? left : { ...left, per_supplier: Object.fromEntries(leftOfSuppliers) }
}

function ofSupplier(suppliers: SupplierSettings, id: string): SupplierSettings[string] {
  return Object.hasOwn(suppliers, id) ? (suppliers[id] ?? {}) : {}
}
