import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { followRun } from '../../src/cli/follow-run.js'
import { directAttempt, processors } from '../../src/processors/index.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { failRun } from '../../src/runs/finish-run.js'
import { announceWorker } from '../../src/runs/workers.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli, type TestCli, type TestCliOptions } from '../helpers/run-cli.js'
import { until } from '../helpers/until.js'

const clis: TestCli[] = []
let shop: TestShop
let env: Readonly<Record<string, string>>

function open(options: TestCliOptions = {}): TestCli {
  // Nobody presses Ctrl-C unless a test says so.
  const cli = createTestCli({ env, stopSignal: () => new Promise(() => undefined), ...options })
  clis.push(cli)
  return cli
}

beforeAll(async () => {
  shop = await openTestShop()
  env = {
    DATABASE_URL: shop.database.url,
    RESTOCK_SECRET: 'x'.repeat(40),
    RESTOCK_CLOCK_OFFSET_MS: String(shop.database.clock.now().getTime() - Date.now()),
  }
}, 60_000)
afterEach(() => {
  for (const cli of clis.splice(0)) cli.remove()
})
afterAll(() => shop.close())

interface Event {
  readonly event: string
  readonly run?: { readonly id: string; readonly status: string; readonly attempts: number }
  readonly name?: string
  readonly order?: { readonly id: string; readonly status: string; readonly totalMinor: number }
  readonly item?: { readonly decision: string; readonly name: string }
}

function events(stdout: string): Event[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
}

describe('restock watch', () => {
  it('follows a run while a worker does it, and ends with it', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    let told = ''
    const cli = open({
      onStdout: (text) => {
        told += text
      },
    })
    const watching = cli.run('watch', id)
    await until('it to say that the run waits', () => told.includes(`Run ${id} of list cafe waits for a worker`))
    await processors.replenish(shop.worker, { runId: id }, directAttempt)
    const { stdout, stderr, exitCode } = await watching
    expect(exitCode, stderr).toBe(0)
    expect(stderr).toContain('No worker is at work')
    const place = (text: string | RegExp) => {
      const found = stdout.search(text)
      expect(found, `${text} in\n${stdout}`).toBeGreaterThanOrEqual(0)
      return found
    }
    const inOrder = [
      place(`Run ${id} of list cafe waits for a worker`),
      place(`Run ${id} of list cafe is at work`),
      place(/^create_quote \(\d+ ms\)$/m),
      place(/^place_order \(\d+ ms\)$/m),
      place(/^order ord_\S+: .*, \d+\.\d\d EUR, \d+ lines?, approved$/m),
      place(`Run ${id} completed.`),
      place(/^Ordered:$/m),
      place(/^Total: /m),
    ]
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
  })

  it('tells the newest run, which has ended, from its beginning', async () => {
    const { id } = await getRun(shop.ctx, 'latest')
    const { stdout, stderr, exitCode } = await open().run('watch')
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Run ${id} completed.`)
    expect(stdout).toMatch(/^place_order /m)
  })

  it('tells programs an object a line, the last of them the whole run', async () => {
    const { stdout, exitCode } = await open().run('watch', 'latest', '--json')
    expect(exitCode).toBe(0)
    const told = events(stdout)
    const run = await getRun(shop.ctx, 'latest')
    expect(told[0]).toMatchObject({ event: 'run', run: { id: run.id, list: 'cafe', attempts: 1, dryRun: false } })
    expect(told.filter(({ event }) => event === 'step').map(({ name }) => name)).toContain('place_order')
    const orders = told.flatMap(({ order }) => order ?? [])
    expect(orders.map(({ id }) => id).sort()).toEqual(run.outcome?.orders.map(({ id }) => id).sort())
    expect(told.filter(({ event }) => event === 'decision').map(({ item }) => item?.name)).toEqual(
      run.outcome?.items.map(({ name }) => name),
    )
    const { json } = await open().run('runs', 'show', 'latest', '--json')
    expect(told.at(-1)).toEqual({ event: 'end', run: json().run })
    expect(told.filter(({ event }) => event === 'end')).toHaveLength(1)
  })

  it('is left with Ctrl-C, and the run is not', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    let press: (signal: NodeJS.Signals) => void = () => undefined
    const pressed = new Promise<NodeJS.Signals>((resolve) => {
      press = resolve
    })
    const worker = await announceWorker(shop.ctx, 'another-worker')
    const cli = open({ stopSignal: () => pressed, onStdout: () => press('SIGINT') })
    const { stdout, stderr, exitCode } = await cli.run('watch', id)
    await worker.withdraw()
    expect(exitCode).toBe(130)
    expect(stdout).toBe(`Run ${id} of list cafe waits for a worker\n`)
    expect(stderr).toBe(`Not watching any more; the run goes on by itself. How it ended: restock runs show ${id}\n`)
    expect(await getRun(shop.ctx, id)).toMatchObject({ status: 'pending' })
    await processors.replenish(shop.worker, { runId: id }, directAttempt)
    expect(await getRun(shop.ctx, id)).toMatchObject({ status: 'completed' })
  })

  it('fails when the run failed', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    await claimRun(shop.ctx, { runId: id, workerId: 'test', leaseMs: 60_000 })
    const watching = open().run('watch', id, '--json')
    await failRun(shop.ctx, { runId: id, epoch: 1, error: 'The model is away.' })
    const { stdout, exitCode } = await watching
    expect(exitCode).toBe(1)
    expect(events(stdout).at(-1)).toMatchObject({ event: 'end', run: { id, status: 'failed' } })
    const text = await open().run('watch', id)
    expect([text.exitCode, text.stdout]).toEqual([1, expect.stringContaining('The model is away.')])
  })

  it('has one line at the bottom of a terminal that is gone at the end', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe', dryRun: true })
    const ticks = new Set<() => void>()
    const clock = {
      now: () => 0,
      every: (_ms: number, tick: () => void) => {
        ticks.add(tick)
        return () => ticks.delete(tick)
      },
    }
    let told = ''
    const onStdout = (text: string) => {
      told += text
      for (const tick of ticks) tick()
    }
    const watching = open({ stderrIsTerminal: true, progressClock: clock, onStdout, columns: 120 }).run('watch', id)
    await until('it to watch', () => told.includes('waits for a worker'))
    await processors.replenish(shop.worker, { runId: id }, directAttempt)
    const { stderr, stdout } = await watching
    expect(stderr).toMatch(new RegExp(`Run ${id} waits for a worker, \\d+ s`))
    expect(stderr).toMatch(new RegExp(`Run ${id}: \\d+ s, \\d+ model calls?, \\d+ tokens?, \\d+ tool calls?`))
    expect(stderr.endsWith('\r\u001B[K')).toBe(true)
    expect(stdout).not.toContain('\u001B')
  })

  it('gives up at its timeout, and refuses what is none', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    await expect(followRun(shop.ctx, id, {}, { timeoutMs: 1 })).rejects.toThrow(`Run ${id} is still pending`)
    expect((await open().run('watch', id, '--timeout', 'soon')).exitCode).toBe(2)
    const unknown = await open().run('watch', 'run_nowhere')
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('There is no run "run_nowhere"')])
  })
})
