import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { isMap, parseDocument, stringify } from 'yaml'
import { packageRoot } from '../../config/paths.js'

/** What the first list is to be; checked. Amounts are in major units of its currency. */
export interface FirstList {
  readonly list: string
  readonly currency: string
  readonly timeZone: string
  readonly perOrder: string
  readonly perMonth: string
  readonly approveAbove: string
}

/** A restock.yaml with one list and a schedule for it, commented for whoever edits it next. */
export function firstConfig({ list, currency, timeZone, perOrder, perMonth, approveAbove }: FirstList): string {
  return `# What Restock keeps from running out. \`restock config\` shows what is in force, \`restock doctor\` checks it.

lists:
  ${quoted(list)}:
    currency: ${currency}
    time_zone: ${timeZone}
    # Enforced where orders are placed, whatever the model says. Totals with shipping and tax.
    limits:
      per_order: '${perOrder}'
      per_month: '${perMonth}'
      # Larger orders wait for \`restock orders approve\`.
      approve_above: '${approveAbove}'
      # A product that was found by its name, not by sku, gtin or a confirmed link, waits for you the first time.
      first_purchase_needs_approval: true

schedules:
  - name: ${quoted(`${list.slice(0, 34)}-daily`)}
    list: ${quoted(list)}
    # Minute, hour, day of month, month, day of week, in the list's time zone.
    cron: '0 6 * * *'
`
}

/** As YAML wants it: a list called `null` or `12` needs quotes, most don't. */
function quoted(text: string): string {
  return stringify(text).trim()
}

/** The example café's settings for a file at `path`; its CSV files are imported from where they are. */
export async function exampleConfig(path: string): Promise<string> {
  const folder = join(packageRoot, 'examples', 'cafe')
  const document = parseDocument(await readFile(join(folder, 'restock.yaml'), 'utf8'))
  document.commentBefore =
    ' The example café: its suppliers exist only here, nobody is paid. Start it with `restock up`.'
  const lists = document.get('lists')
  if (!isMap(lists)) throw new TypeError('the example has no lists')
  for (const { key } of lists.items) {
    const place = ['lists', String(key), 'import']
    if (document.hasIn(place)) document.setIn(place, beside(path, join(folder, String(document.getIn(place)))))
  }
  return document.toString({ lineWidth: 0 })
}

/** Relative where the file and the example move together, absolute where one is far from the other. */
function beside(path: string, folder: string): string {
  const way = relative(dirname(path), folder)
  return way.startsWith('..') || way === '' ? folder : way
}
