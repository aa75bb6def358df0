import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { packageRoot } from '../../../config/paths.js'
import { writeCsv } from '../../../platform/csv.js'
import type { ImportKind } from './preview-import.js'

/** The example café's file of a kind: what one's own may look like. */
export function examplePath(kind: ImportKind): string {
  return `/start/example/${kind}.csv`
}

/** Without the list that the example is: whoever takes the file has one of another name. */
export async function readExampleFile(kind: ImportKind): Promise<string> {
  const text = await readFile(join(packageRoot, 'examples', 'cafe', `${kind}.csv`), 'utf8')
  const [header = [], ...rows] = parse(text)
  const withoutList = (row: readonly string[]) => row.filter((_, index) => header[index] !== 'list')
  return writeCsv(withoutList(header), rows.map(withoutList))
}
