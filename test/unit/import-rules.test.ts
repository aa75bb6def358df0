import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'

/** Who may not import whom; a file that no rule matches may import anything. */
const rules: readonly { from: RegExp; mayNot: readonly RegExp[]; why: string }[] = [
  {
    from: /^jobs\//,
    mayNot: [/^(src|servers|test|bench)\//, /^(?!zod$|jobs\/)/],
    why: 'job definitions are data: they import zod alone',
  },
  {
    from: /^src\/(stock\/(replenishment|on-hand|auto-reorder|learn-daily-use|count-intervals|find-doubt|derive-levels|demand-rules)|schedules\/slots|purchasing\/(limits\/(limits|line-limits|budget-period)|quotes\/(requote|cover-alone|allowances|quote-problem|explain-unmet)|orders\/order-status)|runs\/outcome)\.ts$/,
    mayNot: [
      /^(node:|pg$|kysely$|bullmq$|ioredis$|hono)/,
      /^src\/(platform\/(database|queue|logger|context)|config)\b/,
    ],
    why: 'decisions are pure: no I/O, no clock, no environment',
  },
  {
    from: /^src\/stock\//,
    mayNot: [/^src\/(purchasing|runs|schedules|agent|processors|overview|web|cli|config)\//, /^servers\//],
    why: 'stock knows nothing of the parts beside and above it',
  },
  {
    from: /^src\/purchasing\//,
    mayNot: [/^src\/(stock|runs|schedules|agent|processors|overview|web|cli|config)\//, /^servers\//],
    why: 'purchasing knows nothing of the parts beside and above it',
  },
  {
    from: /^src\/(agent\/|processors\/(replenish|sync-stock)\.ts$)/,
    mayNot: [/^src\/(stock|purchasing|overview|web|cli)\//, /^servers\//],
    why: 'the agent and its processors reach stock and orders only through MCP',
  },
  {
    from: /^src\/(runs|schedules|processors)\//,
    mayNot: [/^src\/(overview|web|cli)\//, /^servers\//],
    why: 'imports run one way: the faces are on top',
  },
  {
    from: /^src\/overview\//,
    mayNot: [/^src\/(agent|processors|web|cli|config)\//, /^servers\//],
    why: 'what the faces tell together is read below all of them',
  },
  {
    from: /^src\/access\//,
    mayNot: [/^src\/(stock|purchasing|runs|schedules|agent|processors|web|cli|config)\//, /^servers\//],
    why: 'who may come in and what they did is known without knowing what for',
  },
  {
    from: /^src\/config\//,
    mayNot: [/^src\/(stock|purchasing|runs|schedules|agent|processors|web|cli)\//, /^servers\//],
    why: 'settings are read before anything else exists',
  },
  {
    // database.ts, migrate.ts and schema-state.ts put the three schemas together; queue.ts types the jobs.
    from: /^src\/platform\/(?!(database|migrate|schema-state|queue)\.ts$)/,
    mayNot: [/^src\/(stock|purchasing|runs|schedules|agent|processors|web|cli|config)\//, /^servers\//],
    why: 'the platform knows nothing of what runs on it',
  },
  {
    from: /^src\/invariants\//,
    mayNot: [/^src\/(stock|purchasing|runs|schedules|agent|processors|web|cli|config)\//, /^servers\//],
    why: 'invariants trust no code that they check: they read stored facts alone',
  },
  {
    from: /^servers\//,
    mayNot: [/^src\/(runs|schedules|agent|processors|web|cli)\//],
    why: 'a server is the face of its domain and nothing else',
  },
]

const files = ['src', 'servers', 'jobs'].flatMap(sourceFiles)

function sourceFiles(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
}

interface Kinds {
  readonly withTypes: boolean
  /** Those that are loaded when they are needed: `import()`. */
  readonly withLater?: boolean
}

function importsOf(file: string, options: Kinds = { withTypes: true }): string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8')
  const found = [
    ...text.matchAll(/^(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm),
  ]
  return found
    .filter((match) => options.withTypes || !/^(import|export) type\b/.test(match[0]))
    .filter((match) => options.withLater !== false || match[3] === undefined)
    .map((match) => {
      const target = match[1] ?? match[2] ?? match[3] ?? ''
      return target.startsWith('.') ? relative(packageRoot, resolve(packageRoot, dirname(file), target)) : target
    })
}

describe('who may import whom', () => {
  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(importsOf('src/platform/migrate.ts')).toContain('src/stock/migrations/index.js')
  })

  it.each(rules)('$why', ({ from, mayNot }) => {
    const matching = files.filter((file) => from.test(file))
    expect(matching).not.toEqual([])
    const broken = matching.flatMap((file) =>
      importsOf(file)
        .filter((target) => mayNot.some((pattern) => pattern.test(target)))
        .map((target) => `${file} imports ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('reads the environment only in src/config and the server entries', () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(packageRoot, file), 'utf8')))
    expect(readers).toEqual(['src/cli/main.ts', 'servers/entry.ts'])
  })

  it('ends the process only on a second signal; entries set the exit code', () => {
    const enders = files.filter((file) => /process\.exit\b/.test(readFileSync(join(packageRoot, file), 'utf8')))
    expect(enders).toEqual(['src/platform/lifecycle.ts'])
  })

  it('has no import cycles', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        // Types leave nothing behind when compiled, so a circle of types is none.
        importsOf(file, { withTypes: false })
          .map((target) => target.replace(/\.js$/, '.ts'))
          .flatMap((target) =>
            files.includes(target) ? [target] : files.includes(`${target}x`) ? [`${target}x`] : [],
          ),
      ]),
    )
    expect(findCycle(graph)).toBeNull()
  })

  it('loads agent, queue, pages and servers only for commands that need them', () => {
    const atStart = reachableFrom('src/cli/main.ts')
    expect(
      [...atStart].filter((each) => /^(@openai|bullmq|ioredis|hono|@hono|@bull-board|@modelcontext)/.test(each)),
    ).toEqual([])
    expect([...reachableFrom('src/cli/start-roles.ts')]).toContain('bullmq')
  })
})

/** Files and packages that are loaded along with a file, at once. */
function reachableFrom(start: string): ReadonlySet<string> {
  const found = new Set([start])
  // A set hands out what is added while it is walked.
  for (const file of found) {
    if (!files.includes(file)) continue
    for (const target of importsOf(file, { withTypes: false, withLater: false })) {
      const source = target.replace(/\.js$/, '.ts')
      found.add(files.includes(`${source}x`) ? `${source}x` : source)
    }
  }
  return found
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file])
      if (cycle !== null) return cycle
    }
    done.add(file)
    return null
  }
  for (const file of graph.keys()) {
    const cycle = visit(file, [])
    if (cycle !== null) return cycle
  }
  return null
}
