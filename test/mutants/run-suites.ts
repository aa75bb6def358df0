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

interface Run {
  readonly root: string
  readonly suites: readonly string[]
  readonly adminUrl: string
}

/** Runs test files of a checkout in processes of their own, up to the first failure, on the Postgres that is there. */
export async function runSuites({ root, suites, adminUrl }: Run): Promise<SuitesRun> {
  let passed = 0
  // One project at a time: each would make the same template database.
  for (const project of new Set(suites.map(projectOf))) {
    const run = await runProject(project, {
      root,
      adminUrl,
      suites: suites.filter((suite) => projectOf(suite) === project),
    })
    passed += run.passed
    if (run.trouble !== null || run.failed.length > 0) return { ...run, passed }
  }
  return { passed, failed: [], trouble: null }
}

async function runProject(project: string, { root, suites, adminUrl }: Run): Promise<SuitesRun> {
  const out = await mkdtemp(join(tmpdir(), 'restock-mutant-report-'))
  const report = join(out, 'report.json')
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    project,
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
    if (passed + failed.length === 0) return { passed, failed, trouble: unloaded?.message ?? output.slice(-2_000) }
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
