import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

export interface SuitesRun {
  readonly passed: number
  /** Names of the tests that failed. */
  readonly failed: readonly string[]
  /** Why the suites could not be run at all; null: they could. */
  readonly trouble: string | null
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
})

/** Runs test files of a checkout in a process of their own, up to the first failure, on the Postgres that is there. */
export async function runSuites(options: {
  readonly root: string
  readonly suites: readonly string[]
  readonly adminUrl: string
}): Promise<SuitesRun> {
  const { root, suites, adminUrl } = options
  const out = await mkdtemp(join(tmpdir(), 'restock-mutant-report-'))
  const report = join(out, 'report.json')
  const projects = [...new Set(suites.map(projectOf))]
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    ...suites,
    '--bail=1',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  try {
    const output = await runToEnd(args, root, adminUrl)
    const text = await readFile(report, 'utf8').catch(() => null)
    if (text === null) return { passed: 0, failed: [], trouble: output.slice(-2_000) }
    const { numPassedTests: passed, testResults } = reportSchema.parse(JSON.parse(text))
    const failed = testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : [])),
    )
    const unloaded = testResults.find(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
    )
    const isUnclear = failed.length === 0 && unloaded !== undefined
    return {
      passed,
      failed,
      trouble: isUnclear ? `${unloaded.name}: ${unloaded.message ?? output.slice(-2_000)}` : null,
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function projectOf(suite: string): string {
  return /^test\/(unit|adversary)\//.exec(suite)?.[1] ?? 'integration'
}

function runToEnd(args: readonly string[], cwd: string, adminUrl: string): Promise<string> {
  const { PATH, HOME, TMPDIR, LANG } = process.env
  const given = Object.entries({
    PATH,
    HOME,
    TMPDIR,
    LANG,
    RESTOCK_TEST_ADMIN_URL: adminUrl,
    // Few sequences, the same each time: enough to meet what was taken away.
    ADVERSARY_SEQUENCES: '400',
    ADVERSARY_SEED: '7',
    ADVERSARY_SHRINK_SECONDS: '5',
  })
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      // Nothing of the runner that this runs in.
      env: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (text: Buffer) => {
      output += text.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}
