import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest'
import {
  expectNoProcessLeft,
  killEverything,
  type RestockProcess,
  removeData,
  restock,
  startedProcesses,
  startRestock,
} from '../helpers/restock-process.js'

const home = join(tmpdir(), `restock-up-${randomBytes(4).toString('hex')}`)
const redisUrl = inject('redisUrl')
const running: RestockProcess[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await expectNoProcessLeft(home)
})
afterAll(() => removeData(home))

function up(dataDir: string, env: Record<string, string> = {}): RestockProcess {
  const process = startRestock(['up', '--data-dir', dataDir], { env: { RESTOCK_WEB_PORT: '0', ...env } })
  running.push(process)
  return process
}

async function stop(process: RestockProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  process.child.kill(signal)
  expect(await process.ended, process.stderr()).toBe(0)
}

describe('restock up', () => {
  it('serves, works, stops on Ctrl-C and goes on where it was', async () => {
    const dataDir = join(home, 'life')
    const first = up(dataDir)
    const [, url] = await first.says(/Dashboard\s+(http:\S+)/)
    await first.says(/Lists\s+cafe/)
    await first.says(/Schedules\s+1, next \d{4}-/)
    for (const path of ['/healthz', '/readyz', '/runs', '/queues']) {
      expect((await fetch(`${url}${path}`)).status, path).toBe(200)
    }

    // A second command uses the running database and the running worker.
    const waited = await restock(['run', '--wait', '--json', '--data-dir', dataDir])
    expect(waited.code, waited.stderr).toBe(0)
    const { run } = JSON.parse(waited.stdout) as { run: { id: string; orders: { status: string }[] } }
    expect(run.orders.map((order) => order.status)).toContain('confirmed')
    expect(waited.stderr).not.toMatch(/works on it itself/)
    expect(await (await fetch(`${url}/runs`)).text()).toContain(run.id)
    await stop(first)
    await expectNoProcessLeft(home)

    const second = up(dataDir)
    const [, again] = await second.says(/Dashboard\s+(http:\S+)/)
    expect(await (await fetch(`${again}/runs`)).text()).toContain(run.id)
    const listed = await restock(['runs', '--json', '--data-dir', dataDir])
    expect(listed.stdout).toContain(run.id)
    await stop(second, 'SIGTERM')
  })

  it.skipIf(redisUrl === null)('does the same with its queue on Redis', async () => {
    const dataDir = join(home, 'redis')
    const env = { REDIS_URL: redisUrl ?? '', RESTOCK_QUEUE_PREFIX: `e2e-${process.pid}` }
    const first = up(dataDir, env)
    await first.says(/Queue\s+redis:\/\//)
    const waited = await restock(['run', '--wait', '--json', '--data-dir', dataDir], { env })
    expect(waited.code, waited.stderr).toBe(0)
    expect(waited.stderr).not.toMatch(/works on it itself/)
    const { run } = JSON.parse(waited.stdout) as { run: { status: string; orders: { status: string }[] } }
    expect(run.status).toBe('completed')
    expect(run.orders.map((order) => order.status)).toContain('confirmed')
    await stop(first)
    const alone = await restock(['run', '--wait', '--json', '--data-dir', dataDir], { env })
    expect(alone.stderr).toMatch(/works on it itself/)
    expect(JSON.parse(alone.stdout)).toMatchObject({ run: { status: 'completed', orders: [] } })
  })

  it('starts again after everything was killed', async () => {
    const dataDir = join(home, 'killed')
    const first = up(dataDir)
    await first.says(/is up/)
    const before = await restock(['run', '--wait', '--json', '--data-dir', dataDir])
    expect(before.code, before.stderr).toBe(0)
    await killEverything([home])
    await expectNoProcessLeft(home)

    const second = up(dataDir)
    await second.says(/is up/)
    const runs = await restock(['runs', '--json', '--data-dir', dataDir])
    expect(runs.stdout).toContain((JSON.parse(before.stdout) as { run: { id: string } }).run.id)
    await stop(second)
  })

  it('joins a database that a killed process left running', async () => {
    const dataDir = join(home, 'left')
    const first = up(dataDir)
    await first.says(/is up/)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await startedProcesses([home])).not.toEqual([])
    const listed = await restock(['items', 'list', '--json', '--data-dir', dataDir])
    expect(listed.code, listed.stderr).toBe(0)
    expect(listed.stdout).toContain('Whole milk')
  })

  it('takes another port when the usual one is taken, and says so when a named one is', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve))
    const address = squatter.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stderr } = await restock(['up', '--data-dir', join(home, 'port')], {
      env: { RESTOCK_WEB_PORT: String(port) },
    })
    squatter.close()
    expect(code).toBe(1)
    expect(stderr).toContain(
      `can't listen on 127.0.0.1, port ${port}: another program has it; set RESTOCK_WEB_PORT to a free one.`,
    )
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('keeps its secret to itself', async () => {
    const dataDir = join(home, 'secret')
    const first = up(dataDir, { RESTOCK_LOG_LEVEL: 'trace', RESTOCK_LOG_FORMAT: 'json' })
    await first.says(/is up/)
    const secret = (await readFile(join(dataDir, 'secret'), 'utf8')).trim()
    const waited = await restock(['run', '--wait', '--data-dir', dataDir])
    expect(waited.code).toBe(0)
    await stop(first)
    for (const text of [first.stdout(), first.stderr(), waited.stdout, waited.stderr])
      expect(text).not.toContain(secret)
  })
})
