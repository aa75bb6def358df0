import { mkdtempSync } from 'node:fs'
import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'
import { mutations } from './mutations.js'
import { runSuites } from './run-suites.js'

/** Suites run in a copy, so that nobody who works in the tree meanwhile is disturbed. */
const copy = mkdtempSync(join(tmpdir(), 'restock-mutants-'))
const copied = ['src', 'servers', 'jobs', 'test', 'examples', 'package.json', 'tsconfig.json', 'vitest.config.ts']
const linked = ['node_modules', 'dist']
const tenMinutes = 600_000

beforeAll(async () => {
  for (const name of copied) await cp(join(packageRoot, name), join(copy, name), { recursive: true })
  for (const name of linked) await symlink(join(packageRoot, name), join(copy, name))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

const run = (suites: readonly string[]) => runSuites({ root: copy, suites, adminUrl: inject('adminUrl') })

describe('the suites that must notice', () => {
  it('pass while nothing is taken away', { timeout: tenMinutes }, async () => {
    const { passed, failed, trouble } = await run([...new Set(mutations.flatMap(({ suites }) => suites))])
    expect(trouble, 'the suites do not run').toBeNull()
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(100)
  })
})

describe('taken away, a suite fails:', () => {
  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s',
    { timeout: tenMinutes },
    async (_, mutation) => {
      const { file, find, replace, suites } = mutation
      const path = join(copy, file)
      const source = await readFile(path, 'utf8')
      expect(source.split(find), `${file} must hold this once, else the mutation says nothing: ${find}`).toHaveLength(2)
      await writeFile(
        path,
        source.replace(find, () => replace),
      )
      try {
        const { failed, trouble } = await run(suites)
        // A file that can't even be loaded proves nothing about its tests.
        expect(trouble, 'the mutant does not run').toBeNull()
        expect(failed.length, `survived ${suites.join(', ')}`).toBeGreaterThan(0)
        console.info(`killed by: ${failed[0]}`)
      } finally {
        await writeFile(path, source)
      }
    },
  )
})
