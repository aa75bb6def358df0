import { randomBytes } from 'node:crypto'
import { chmod, chown, copyFile, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { copyApp, expectNoProcessLeft, removeData, restock, startRestock } from '../helpers/restock-process.js'
import { until } from '../helpers/until.js'

const isRoot = process.getuid?.() === 0
const home = join(tmpdir(), `restock-e2e-${randomBytes(4).toString('hex')}`)
// Throw-away folders are made here too, so that the tests of others are not taken for ours.
const temporary = join(home, 'tmp')
const env = { TMPDIR: temporary }
beforeAll(() => mkdir(temporary, { recursive: true, mode: 0o755 }))
afterEach(() => expectNoProcessLeft(home))
afterAll(() => removeData(home))

interface Report {
  run: {
    status: string
    list: string
    trigger: string
    model: string
    usage: { modelCalls: number }
    items: { itemId: string; decision: string; reason: string; orderedQuantity: number; needQuantity: number }[]
    orders: { id: string; status: string; subtotalMinor: number; lines: { lineTotalMinor: number }[] }[]
  }
}

function read(stdout: string): Report['run'] {
  return (JSON.parse(stdout) as Report).run
}

describe('restock demo', () => {
  it('prints the contract on stdout and nothing else, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await restock(['demo', '--json'], { env })
    expect(code, stderr).toBe(0)
    const run = read(stdout)
    expect(run).toMatchObject({ status: 'completed', list: 'cafe', trigger: 'schedule', model: 'rules' })
    expect(Object.keys(run)).toEqual(
      expect.arrayContaining([
        'id',
        'status',
        'trigger',
        'list',
        'model',
        'attempts',
        'startedAt',
        'finishedAt',
        'dryRun',
        'usage',
        'items',
        'orders',
        'summary',
      ]),
    )
    expect(run.items).toHaveLength(45)
    for (const order of run.orders) {
      expect(order.lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(order.subtotalMinor)
    }
    expect(await readdir(temporary)).toEqual([])
  })

  it('says what was bought from whom and why', async () => {
    const { code, stdout } = await restock(['demo'], { env })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /Whole milk 3\.5%: 72 l as 6 × 12 l from Molkerei Wolkenwiese for \d+\.\d\d EUR; due at 20 l, reorder point 24 l/,
    )
    expect(stdout).toMatch(/Pistachio syrup/)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stopped by %s leaves nothing behind', async (signal) => {
    const demo = startRestock(['demo'], { env })
    await until('the database', () => demo.stderr().includes('asks for a run'))
    demo.child.kill(signal)
    expect(await demo.ended).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal])
    expect(await readdir(temporary)).toEqual([])
  })

  it('whose reader goes away leaves nothing behind', async () => {
    const demo = startRestock(['demo'], { env })
    demo.child.stderr?.destroy()
    await demo.ended
    expect(await readdir(temporary)).toEqual([])
  })

  it('orders nothing the second time in the same folder', async () => {
    const dataDir = join(home, 'kept')
    const first = read((await restock(['demo', '--json', '--data-dir', dataDir])).stdout)
    const second = read((await restock(['demo', '--json', '--data-dir', dataDir])).stdout)
    expect(first.orders.length).toBeGreaterThan(3)
    expect(second.orders).toEqual([])
    expect(second.items.every((item) => item.orderedQuantity === 0)).toBe(true)
    const third = await restock([
      'run',
      '--wait',
      '--json',
      '--data-dir',
      dataDir,
      '--config',
      'examples/cafe/restock.yaml',
    ])
    expect(read(third.stdout).orders).toEqual([])
  })

  it('works in a clone below a folder that only its owner may enter', async () => {
    const closed = join(home, 'closed')
    await mkdir(closed, { recursive: true })
    await chmod(closed, 0o700)
    const app = await copyApp(join(closed, 'restock'), { withDependencies: false })
    const { code, stdout, stderr } = await restock(['demo', '--json', '--data-dir', join(closed, 'data')], { app })
    expect(code, stderr).toBe(0)
    expect(read(stdout).orders.length).toBeGreaterThan(3)
  })

  it('works for an ordinary user', async () => {
    // Who isn't root is an ordinary user already; root becomes one, in a copy that user can read.
    const user = { uid: 65_534, gid: 65_534 }
    const folder = join(home, 'ordinary')
    await mkdir(folder, { recursive: true })
    if (isRoot) await chown(folder, user.uid, user.gid)
    await chmod(home, 0o755)
    const app = await copyApp(join(folder, 'restock'), { withDependencies: isRoot })
    // This Node may lie where only root can reach it.
    const node = join(folder, 'node')
    await copyFile(process.execPath, node)
    const { code, stdout, stderr } = await restock(['demo', '--json', '--data-dir', join(folder, 'data')], {
      app,
      node,
      cwd: folder,
      env: { HOME: folder },
      ...(isRoot ? { user } : {}),
    })
    expect(code, stderr).toBe(0)
    expect(read(stdout).items).toHaveLength(45)
  })
})
