import { randomBytes } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  expectNoProcessLeft,
  type RestockProcess,
  removeData,
  restock,
  startRestock,
} from '../helpers/restock-process.js'
import { until } from '../helpers/until.js'

const home = join(tmpdir(), `restock-lost-${randomBytes(4).toString('hex')}`)
const running: RestockProcess[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await expectNoProcessLeft(home)
})
afterAll(() => removeData(home))

async function up(dataDir: string): Promise<{ process: RestockProcess; url: string }> {
  const process = startRestock(['up', '--data-dir', dataDir], { env: { RESTOCK_WEB_PORT: '0' } })
  running.push(process)
  const [, url = ''] = await process.says(/Dashboard\s+(http:\S+)/)
  return { process, url }
}

async function postmasterPid(cluster: string): Promise<number> {
  const [pid] = (await readFile(join(cluster, 'data', 'postmaster.pid'), 'utf8')).split('\n')
  return Number(pid)
}

/** Asking may come a moment too early, but not after the end. */
function hasEnded(process: RestockProcess): false {
  if (process.child.exitCode !== null || process.child.signalCode !== null)
    throw new Error(`it ended:\n${process.stderr()}`)
  return false
}

const isReady = async (url: string) => (await fetch(`${url}/readyz`)).status === 200

describe('restock up, when its embedded database dies', () => {
  it('starts it again, goes on, and stops cleanly', async () => {
    const dataDir = join(home, 'killed')
    const { process: first, url } = await up(dataDir)
    const cluster = join(dataDir, 'postgres')
    for (const round of [1, 2]) {
      const killed = await postmasterPid(cluster)
      process.kill(killed, 'SIGKILL')
      await until('another server', async () => (await postmasterPid(cluster).catch(() => killed)) !== killed, 30_000)
      await until(`readyz after death ${round}`, () => isReady(url).catch(() => hasEnded(first)), 30_000)
      const revived = await postmasterPid(cluster)
      const waited = await restock(['run', '--wait', '--json', '--data-dir', dataDir])
      expect(waited.code, waited.stderr).toBe(0)
      expect(JSON.parse(waited.stdout)).toMatchObject({ run: { status: 'completed' } })
      expect(waited.stderr, 'by the worker of up').not.toMatch(/by itself/)
      expect(await postmasterPid(cluster), 'not stopped by a command that ends').toBe(revived)
      expect(await isReady(url)).toBe(true)
    }
    first.child.kill('SIGINT')
    expect(await first.ended, first.stderr()).toBe(0)
    await expectNoProcessLeft(home)
  }, 120_000)

  it('ends with exit code 1 and a sentence when it is gone for good', async () => {
    const dataDir = join(home, 'gone')
    const { process: first } = await up(dataDir)
    const cluster = join(dataDir, 'postgres')
    const pid = await postmasterPid(cluster)
    await rename(join(cluster, 'data'), join(cluster, 'elsewhere'))
    process.kill(pid, 'SIGKILL')
    expect(await first.ended, first.stderr()).toBe(1)
    expect(first.stderr()).toMatch(
      /restock: The embedded database in \S+ is lost: its folder \S+ doesn't exist any more\./,
    )
  }, 60_000)
})
