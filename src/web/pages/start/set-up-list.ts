import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { idPattern, isTimeZone, readConfigFile } from '../../../config/config-file.js'
import { packageRoot } from '../../../config/paths.js'
import type { DomainContext } from '../../../platform/context.js'
import { inTransaction } from '../../../platform/database.js'
import { InputError } from '../../../platform/errors.js'
import { importCatalog } from '../../../purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../../purchasing/catalog/import-suppliers.js'
import { parseLimitSettings } from '../../../purchasing/limits/limit-settings.js'
import { applyLimits } from '../../../purchasing/limits/list-limits.js'
import { addSchedule } from '../../../schedules/save-schedule.js'
import { importItems } from '../../../stock/import-items.js'
import { addList, findLists } from '../../../stock/lists.js'

export interface CsvUpload {
  readonly bytes: Uint8Array
  readonly fileName: string
}

export interface NewList {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly timeZone: string
  readonly limits: Readonly<Record<string, unknown>>
  readonly suppliers: CsvUpload | null
  readonly catalog: CsvUpload | null
  readonly items: CsvUpload | null
  /** null: it runs only when somebody says so. */
  readonly cron: string | null
}

/** `Café Nord` is `cafe-nord`; '' where no letter or digit of the name can stand in an id. */
export function idFromName(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '')
}

/** Makes a list with its limits, what can be bought for it, its items and a schedule: all of it or nothing. */
export async function setUpList(ctx: DomainContext, list: NewList, actor: string): Promise<{ readonly items: number }> {
  const { id, name, currency, timeZone } = list
  if (id === '') throw new InputError('Id: write one; none can be made from the name.')
  if (!idPattern.test(id)) {
    throw new InputError(`Id: “${id}” can’t name a list; use lower-case letters, digits, - and _, at most 40.`)
  }
  if (!isTimeZone(timeZone)) throw new InputError(`Time zone: “${timeZone}” is none; write one such as Europe/Berlin.`)
  return inTransaction(ctx, async (tx) => {
    if ((await findLists(tx)).some((known) => known.id === id)) {
      throw new InputError(`There is a list “${id}” already; choose another id.`)
    }
    await addList(tx, { id, name, currency, timeZone })
    const limits = parseLimitSettings(list.limits, id, currency)
    await applyLimits(tx, { list: id, currency, timeZone, limits, source: 'person' })
    if (list.suppliers !== null) await importSuppliers(tx, list.suppliers)
    if (list.catalog !== null) await importCatalog(tx, list.catalog)
    const items = list.items === null ? null : await importItems(tx, { ...list.items, list: id, actor })
    if (list.cron !== null) {
      await addSchedule(tx, {
        name: `${id.slice(0, 34)}-daily`,
        list: id,
        cron: list.cron,
        timeZone,
        misfire: 'run_once',
        overlap: 'skip',
        instructions: null,
        isPaused: false,
      })
    }
    return { items: (items?.created ?? 0) + (items?.updated ?? 0) }
  })
}

/** The example café as a list of one's own: its suppliers exist only here, nobody is paid. */
export async function exampleList(): Promise<NewList> {
  const folder = join(packageRoot, 'examples', 'cafe')
  const { file } = readConfigFile(join(folder, 'restock.yaml'), {})
  const [known] = Object.entries(file.lists)
  if (known === undefined) throw new Error('the example has no list')
  const [id, { name, currency, time_zone, limits }] = known
  const read = async (fileName: string) => ({ bytes: await readFile(join(folder, fileName)), fileName })
  return {
    id,
    name: name ?? id,
    currency,
    timeZone: time_zone,
    limits: limits ?? {},
    suppliers: await read('suppliers.csv'),
    catalog: await read('catalog.csv'),
    items: await read('items.csv'),
    cron: file.schedules[0]?.cron ?? null,
  }
}
