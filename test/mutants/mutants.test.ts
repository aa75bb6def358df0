import { mkdtempSync } from 'node:fs'
import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'
import { mutations } from './mutations.js'
import { runSuites } from './run-suites.js'

const copied = ['src', 'servers', 'jobs', 'test', 'examples', 'package.json', 'tsconfig.json', 'vitest.config.ts']
const linked = ['node_modules', 'dist']
const tenMinutes = 600_000

/** Suites run in copies, so that nobody who works in the tree meanwhile is disturbed: two side by side for the mutants. */
const whole = await copyTree()
const free = [await copyTree(), await copyTree()]
const waiting: ((copy: string) => void)[] = []
const copies = [whole, ...free]
afterAll(() => Promise.all(copies.map((copy) => rm(copy, { recursive: true, force: true }))))

async function copyTree(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'restock-mutants-'))
  for (const name of copied) await cp(join(packageRoot, name), join(copy, name), { recursive: true })
  for (const name of linked) await symlink(join(packageRoot, name), join(copy, name))
  return copy
}

/** Lends a copy that nobody else changes meanwhile. */
async function withCopy<T>(work: (copy: string) => Promise<T>): Promise<T> {
  const copy = free.pop() ?? (await new Promise<string>((resolve) => waiting.push(resolve)))
  try {
    return await work(copy)
  } finally {
    const next = waiting.shift()
    if (next === undefined) free.push(copy)
    else next(copy)
  }
}

const run = (root: string, suites: readonly string[]) => runSuites({ root, suites, adminUrl: inject('adminUrl') })

/** Whoever has just seen all of them pass need not see it again. */
const haveJustPassed = process.env.RESTOCK_SUITES_PASSED === '1'

describe.concurrent('the suites that must notice', () => {
  if (!haveJustPassed) {
    it('pass while nothing is taken away', { timeout: tenMinutes }, async ({ expect }) => {
      const { passed, failed, trouble } = await run(whole, [...new Set(mutations.flatMap(({ suites }) => suites))])
      expect(trouble, 'the suites do not run').toBeNull()
      expect(failed).toEqual([])
      expect(passed).toBeGreaterThan(100)
    })
  }

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    'fail without %s',
    { timeout: tenMinutes },
    (_, { file, find, replace, suites }) =>
      withCopy(async (copy) => {
        const path = join(copy, file)
        const source = await readFile(path, 'utf8')
        expect(source.split(find), `${file} must hold this once, else the mutation says nothing: ${find}`).toHaveLength(
          2,
        )
        await writeFile(
          path,
          source.replace(find, () => replace),
        )
        try {
          const { failed, trouble } = await run(copy, suites)
          // A file that can't even be loaded proves nothing about its tests.
          expect(trouble, 'the mutant does not run').toBeNull()
          expect(failed.length, `survived ${suites.join(', ')}`).toBeGreaterThan(0)
          console.info(`killed by: ${failed[0]}`)
        } finally {
          await writeFile(path, source)
        }
      }),
  )
})
