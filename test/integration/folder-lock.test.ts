import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'rolldown'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../src/platform/errors.js'
import { withFolderLock } from '../../src/platform/folder-lock.js'
import { readProcessStart } from '../../src/platform/process-identity.js'

let work: string
let program: string
let folder: string
let lock: string

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'restock-lock-'))
  program = join(work, 'holder.mjs')
  const input = resolve(import.meta.dirname, '../fixtures/folder-lock-holder.ts')
  await build({ input, platform: 'node', output: { file: program, format: 'esm' }, logLevel: 'silent' })
})

beforeEach(async () => {
  folder = await mkdtemp(join(work, 'folder-'))
  lock = join(folder, 'test.lock')
})

afterAll(() => rm(work, { recursive: true, force: true }))

describe('a folder lock', () => {
  it('lets one in at a time, over processes and within one, starting with a dead owner’s lock', async () => {
    await writeFile(join(folder, 'counter'), '0')
    const killed = await startHolding()
    const killedWaiter = spawn(process.execPath, [program, folder, 'hold'], { stdio: 'ignore' })
    await vi.waitFor(async () => expect((await readdir(folder)).length).toBe(3))
    await end(killedWaiter, 'SIGKILL')
    await end(killed, 'SIGKILL')
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: killed.pid })

    const others = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [program, folder, '10'], { stdio: 'inherit' }),
    )
    const codes = others.map((child) => new Promise((settle) => child.on('exit', settle)))
    const own = Array.from({ length: 10 }, () => withFolderLock(folder, 'test', addOne))
    await Promise.all(own)
    expect(await Promise.all(codes)).toEqual([0, 0, 0, 0])
    expect(await readFile(join(folder, 'counter'), 'utf8')).toBe('50')
    expect(await readdir(folder), 'nothing is left of it').toEqual(['counter'])
  })

  it('returns what the work returns, and is free again after it failed', async () => {
    await expect(
      withFolderLock(folder, 'test', async () => {
        throw new Error('no luck')
      }),
    ).rejects.toThrow('no luck')
    expect(await withFolderLock(folder, 'test', async () => 7)).toBe(7)
    expect(await readdir(folder)).toEqual([])
  })

  it('says who holds it when the wait was in vain', async () => {
    const holder = await startHolding()
    try {
      const refusal = withFolderLock(folder, 'test', async () => 1, { timeoutMs: 200, describe: 'The shelf' })
      await expect(refusal).rejects.toThrow(UnavailableError)
      await expect(refusal).rejects.toThrow(
        `The shelf is in use: process ${holder.pid} on ${hostname()} has held ${lock} for more than 1 s.`,
      )
    } finally {
      await end(holder, 'SIGKILL')
    }
  })

  it.each([
    [
      'of an earlier process that had our number',
      () => ({ pid: process.pid, start: 'long ago', host: hostname(), token: 'a' }),
      0,
    ],
    ['of a host that has been silent', () => ({ pid: 1, start: null, host: 'elsewhere', token: 'a' }), 30_000],
    ['that makes no sense any more', () => 'half a li', 5_000],
  ])('takes over a lock %s', async (_, content, ageMs) => {
    await leave(content(), ageMs)
    expect(await withFolderLock(folder, 'test', async () => 7, { timeoutMs: 2_000 })).toBe(7)
  })

  it.each([
    ['of a host that may be at work', async () => ({ pid: 1, start: null, host: 'elsewhere', token: 'a' })],
    [
      'of a process that lives',
      async () => ({ pid: process.ppid, start: await readProcessStart(process.ppid), host: hostname(), token: 'a' }),
    ],
    ['that is just being written', async () => ''],
  ])('respects a lock %s', async (_, content) => {
    await leave(await content(), 1_000)
    await expect(withFolderLock(folder, 'test', async () => 7, { timeoutMs: 100 })).rejects.toThrow('is in use')
  })
})

async function addOne(): Promise<void> {
  const counter = join(folder, 'counter')
  const before = Number(await readFile(counter, 'utf8'))
  await sleep(2)
  await writeFile(counter, String(before + 1))
}

async function leave(content: object | string, ageMs: number): Promise<void> {
  await writeFile(lock, typeof content === 'string' ? content : JSON.stringify(content))
  const then = new Date(Date.now() - ageMs)
  await utimes(lock, then, then)
}

async function startHolding(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, folder, 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((settle) => child.stdout.once('data', settle))
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((settle) => child.on('exit', settle))
  child.kill(signal)
  await gone
}
