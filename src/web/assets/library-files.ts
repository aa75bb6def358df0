import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The text of a file of an installed package: what browsers need of it is served from here, never from elsewhere. */
export function libraryFile(path: string): string {
  return readFileSync(require.resolve(path), 'utf8')
}
