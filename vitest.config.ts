import { defineConfig } from 'vitest/config'

/** Tests that share one real Postgres cluster (and a real Redis where one can be started), each file in a database of its own. */
const withStores = {
  globalSetup: ['test/helpers/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
}

// Unit tests touch nothing outside the process. `npm test` runs the first two; the others have a script each.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], sequence: { groupOrder: 0 } } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          ...withStores,
          sequence: { groupOrder: 1 },
        },
      },
      ...['crash', 'chaos', 'adversary', 'mutants', 'browser'].map((name, index) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          ...withStores,
          // They start processes of their own, which need the cores.
          maxWorkers: name === 'crash' ? 2 : 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 2 + index },
        },
      })),
    ],
  },
})
