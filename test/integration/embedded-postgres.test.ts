import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js'
import { isProcessAlive } from '../../src/platform/process-identity.js'
import {
  buildHolderApp,
  type Holder,
  type HolderOptions,
  nodeForEveryone,
  startHolder,
  waitFor,
} from '../helpers/postgres-holder.js'

const isRoot = process.getuid?.() === 0
const ordinaryUid = 65534
const ownUid = process.getuid?.() ?? 0

let work: string
let stageDir: string
let program: string
let node: string
let folders = 0
const handles: EmbeddedPostgres[] = []
const holders: Holder[] = []
const serverPids = new Set<number>()

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'restock-pg-'))
  await chmod(work, 0o755)
  stageDir = join(work, 'stage')
  program = await buildHolderApp(join(work, 'app'))
  node = isRoot ? await nodeForEveryone(work) : process.execPath
})

afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.kill()
  for (const handle of handles.splice(0)) await handle.release()
})

afterAll(async () => {
  const alive = []
  for (const pid of serverPids) if (await isProcessAlive(pid)) alive.push(pid)
  const strays = await findProcessesIn(work)
  for (const pid of [...alive, ...strays]) process.kill(pid, 'SIGKILL')
  await rm(work, { recursive: true, force: true })
  expect({ alive, strays }, 'no process is left behind').toEqual({ alive: [], strays: [] })
})

describe('a new data folder', () => {
  it('holds a closed, sober database for the application, and keeps its data', async () => {
    const dataDir = newFolder()
    const first = await open({ dataDir })
    expect(first.started).toBe(true)
    await query(first.databaseUrl, 'create extension pg_trgm')
    await query(first.databaseUrl, "create table notes as select 'Käse' as note")
    const trigrams = await query(
      first.databaseUrl,
      "select similarity('Käse', 'Käse') same, array_length(show_trgm('ä'), 1) letters",
    )
    expect(trigrams, 'letters beyond ASCII count as letters').toEqual([{ same: 1, letters: 2 }])
    const names = [
      'TimeZone',
      'server_encoding',
      'listen_addresses',
      'unix_socket_directories',
      'data_checksums',
      'fsync',
      'password_encryption',
      'max_connections',
      'shared_buffers',
    ]
    const settings = await query(
      first.adminUrl,
      `select name, current_setting(name) as value from unnest('{${names.join(',')}}'::text[]) as name`,
    )
    expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual({
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      data_checksums: 'on',
      fsync: 'on',
      password_encryption: 'scram-sha-256',
      max_connections: '200',
      shared_buffers: '64MB',
    })
    expect(
      await query(
        first.databaseUrl,
        'select rolname, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user',
      ),
    ).toEqual([{ rolname: 'restock', rolsuper: false, rolcreatedb: false, rolcreaterole: false }])
    expect(
      await query(first.adminUrl, "select pg_get_userbyid(datdba) as owner from pg_database where datname = 'restock'"),
    ).toEqual([{ owner: 'restock' }])
    await expect(query(first.databaseUrl.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      'password authentication failed',
    )
    expect(first.adminUrl).not.toContain(new URL(first.databaseUrl).password)
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(dataDir)).mode & 0o007, 'nobody else gets into the folder').toBe(0)
    expect((await readdir(join(dataDir, 'postgres'))).sort(), 'nothing but the cluster and its log is left').toEqual([
      'data',
      'server.log',
    ])

    const pid = await serverPid(first)
    await Promise.all([first.release(), first.release()])
    expect(await isProcessAlive(pid)).toBe(false)
    expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false)

    const began = performance.now()
    const second = await open({ dataDir })
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(second.started).toBe(true)
    expect(second.databaseUrl.split('@')[0]).toBe(first.databaseUrl.split('@')[0])
    expect(await query(second.databaseUrl, 'select note from notes')).toEqual([{ note: 'Käse' }])
  })

  it('is made once when two processes open it at the same time', async () => {
    const dataDir = newFolder()
    const both = [hold({ dataDir }), hold({ dataDir })]
    const opened = await Promise.all(both.map((holder) => holder.opened))
    expect(opened.map(({ started }) => started).sort()).toEqual([false, true])
    expect(opened[0]?.databaseUrl).toBe(opened[1]?.databaseUrl)
    expect(await query(opened[0]?.databaseUrl ?? '', 'select 1 as one')).toEqual([{ one: 1 }])
    const pid = await serverPid(opened[0])
    await Promise.all(both.map((holder) => holder.release()))
    expect(await isProcessAlive(pid)).toBe(false)
  })

  it('is finished by the next one when its maker was killed during initdb', async () => {
    const dataDir = newFolder()
    const killed = hold({ dataDir })
    const home = join(dataDir, 'postgres')
    await waitFor(
      'initdb begins',
      async () => existsSync(home) && (await readdir(home)).some((name) => /^new-[0-9a-f]+$/.test(name)),
    )
    await killed.kill()
    expect(existsSync(join(home, 'data'))).toBe(false)
    const next = await open({ dataDir })
    expect(await query(next.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(home)).sort()).toEqual(['data', 'server.log'])
  })

  it('is finished by the next one when its maker was killed before the application had its database', async () => {
    const dataDir = newFolder()
    const first = await open({ dataDir })
    await query(first.adminUrl, 'drop database restock')
    await query(first.adminUrl, 'drop role restock')
    await first.release()
    const path = join(dataDir, 'postgres.json')
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ready: false }))
    const next = await open({ dataDir })
    expect(await query(next.databaseUrl, 'select current_user as name')).toEqual([{ name: 'restock' }])
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ ready: true })
  })
})

describe('several processes', () => {
  it('share one server, which the last one stops', async () => {
    const dataDir = newFolder()
    const mine = await open({ dataDir })
    const other = hold({ dataDir })
    const theirs = await other.opened
    expect(theirs).toMatchObject({ started: false, port: mine.port, databaseUrl: mine.databaseUrl })
    const pid = await serverPid(mine)
    await mine.release()
    expect(await query(theirs.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await other.release()
    expect(await isProcessAlive(pid)).toBe(false)
  })

  it('find the server of one that was killed, and stop it', async () => {
    const dataDir = newFolder()
    const killed = hold({ dataDir })
    const pid = await serverPid(await killed.opened)
    await killed.kill()
    expect(await isProcessAlive(pid)).toBe(true)
    const next = await open({ dataDir })
    expect(next).toMatchObject({ started: false, port: (await killed.opened).port })
    await next.release()
    expect(await isProcessAlive(pid)).toBe(false)
  })

  it('get a new server with all data after the old one was killed, and survivors find it', async () => {
    const dataDir = newFolder()
    const survivor = hold({ dataDir })
    const { databaseUrl, port, clusterDir } = await survivor.opened
    await query(databaseUrl, 'create table kept as select 7 as number')
    const killedPid = await serverPid(await survivor.opened)
    process.kill(killedPid, 'SIGKILL')
    expect(existsSync(join(clusterDir, 'postmaster.pid'))).toBe(true)

    const next = await open({ dataDir })
    expect(next, 'on the port that the survivor knows').toMatchObject({ started: true, port })
    expect(await query(databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
    await waitFor('the survivor is present again', async () => (await countPresent(next)) === 2)
    const pid = await serverPid(next)
    expect(pid).not.toBe(killedPid)
    await next.release()
    expect(await query(databaseUrl, 'select number from kept'), 'not stopped under the survivor').toEqual([
      { number: 7 },
    ])
    await survivor.release()
    expect(await isProcessAlive(pid)).toBe(false)
  })

  it('are not disturbed by a release after the server is gone', async () => {
    const handle = await open({ dataDir: newFolder() })
    process.kill(await serverPid(handle), 'SIGKILL')
    await expect(handle.release()).resolves.toBeUndefined()
  })

  it('stop the server even when the data folder was removed under it', async () => {
    const dataDir = newFolder()
    const handle = await open({ dataDir })
    const pid = await serverPid(handle)
    await rm(dataDir, { recursive: true })
    await handle.release()
    expect(await isProcessAlive(pid)).toBe(false)
  })

  it('keep their server when Ctrl-C hits the process group, also while it starts', async () => {
    const dataDir = newFolder()
    const holder = hold({ dataDir })
    const group = holder.child.pid ?? 0
    await waitFor('the holder is at work', async () => existsSync(join(dataDir, 'postgres')))
    for (let settled = false; !settled; ) {
      process.kill(-group, 'SIGINT')
      settled = await Promise.race([
        holder.opened.then(() => true),
        new Promise<false>((next) => setTimeout(next, 20, false)),
      ])
    }
    const opened = await holder.opened
    process.kill(-group, 'SIGINT')
    await waitFor('the holder noticed', async () => holder.interruptions() > 1)
    expect(await query(opened.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    const pid = await serverPid(opened)
    await holder.release()
    expect(await isProcessAlive(pid)).toBe(false)
  })
})

describe('what a crash leaves', () => {
  it('a lock of a dead process is taken over', async () => {
    const dataDir = newFolder()
    await mkdir(dataDir, { mode: 0o755 })
    const dead = spawn(process.execPath, ['-e', ''])
    await new Promise((settle) => dead.on('exit', settle))
    const { hostname } = await import('node:os')
    await writeFile(
      join(dataDir, 'postgres.lock'),
      JSON.stringify({ pid: dead.pid, start: '1', host: hostname(), token: 'left' }),
    )
    const handle = await open({ dataDir, startTimeoutMs: 10_000 })
    expect(await query(handle.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('a pid file whose number now belongs to another program of the same user is no obstacle', async () => {
    const dataDir = newFolder()
    const first = await open({ dataDir })
    await query(first.databaseUrl, 'create table kept as select 7 as number')
    process.kill(await serverPid(first), 'SIGKILL')
    await first.release()
    const { uid, gid } = await stat(first.clusterDir)
    const stranger = spawn(node, ['-e', 'setInterval(() => {}, 1000)'], {
      cwd: '/',
      stdio: 'ignore',
      ...(isRoot ? { uid, gid } : {}),
    })
    try {
      const pidFile = join(first.clusterDir, 'postmaster.pid')
      const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n')
      await writeFile(pidFile, [stranger.pid, ...rest].join('\n'))
      const next = await open({ dataDir })
      expect(next.started).toBe(true)
      expect(await query(next.databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
      expect(await isProcessAlive(stranger.pid ?? 0)).toBe(true)
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})

describe('a throw-away database', () => {
  it('does not wait for the disk and is gone when the last process lets go', async () => {
    const dataDir = newFolder()
    const mine = await open({ dataDir, ephemeral: true })
    const other = hold({ dataDir, ephemeral: true })
    await other.opened
    expect(await query(mine.databaseUrl, 'show fsync')).toEqual([{ fsync: 'off' }])
    expect(await query(mine.adminUrl, 'create database copy template restock')).toEqual([])
    await other.release()
    expect(existsSync(mine.clusterDir)).toBe(true)
    await mine.release()
    expect(existsSync(dataDir)).toBe(false)
  })

  it('begins anew after a crash', async () => {
    const dataDir = newFolder()
    const killed = hold({ dataDir, ephemeral: true })
    const opened = await killed.opened
    await query(opened.databaseUrl, 'create table doubtful ()')
    const pid = await serverPid(opened)
    await killed.kill()
    process.kill(pid, 'SIGKILL')
    const next = await open({ dataDir, ephemeral: true })
    expect(await query(next.databaseUrl, "select to_regclass('doubtful') as doubtful")).toEqual([{ doubtful: null }])
    await expect(open({ dataDir })).rejects.toThrow(`The data folder ${dataDir} holds a throw-away database`)
  })
})

describe('what can not work is said in one sentence', () => {
  it('a file in place of the folder', async () => {
    const dataDir = newFolder()
    await writeFile(dataDir, '')
    await expect(open({ dataDir })).rejects.toThrow(`The data folder ${dataDir} is not a folder: move away the file`)
    await expect(open({ dataDir: join(dataDir, 'below') })).rejects.toThrow('is not a folder')
  })

  it('a folder that may not be written, and one of another user', async () => {
    const dataDir = newFolder()
    await mkdir(dataDir)
    if (isRoot) await chown(dataDir, ordinaryUid, ordinaryUid)
    await chmod(dataDir, 0o500)
    const readOnly = await holdAsOrdinaryUser({ dataDir }).refused
    expect(readOnly).toMatch(
      new RegExp(
        `^The data folder ${dataDir} may not be written or read by this user \\(uid \\d+\\): correct its owner and permissions, or name another folder`,
      ),
    )
    const elsewhere = await holdAsOrdinaryUser({ dataDir: '/usr/restock-data' }).refused
    expect(elsewhere).toContain('The data folder /usr/restock-data may not be written')
    if (isRoot) {
      const mine = newFolder()
      await (await open({ dataDir: mine })).release()
      await chmod(mine, 0o777)
      expect(await holdAsOrdinaryUser({ dataDir: mine }).refused).toContain('run Restock as the user that made it')
    }
  })

  it('a cluster of another major version, a damaged record, a missing record, a missing cluster', async () => {
    const dataDir = newFolder()
    const handle = await open({ dataDir })
    await handle.release()
    const version = join(handle.clusterDir, 'PG_VERSION')
    await writeFile(version, '15\n')
    await expect(open({ dataDir })).rejects.toThrow(
      `The database in ${handle.clusterDir} was made by PostgreSQL 15, and this Restock brings PostgreSQL 18: use the Restock that made it, or`,
    )
    await writeFile(version, '18\n')
    const record = join(dataDir, 'postgres.json')
    await rename(record, `${record}.aside`)
    await expect(open({ dataDir })).rejects.toThrow(`${record} with its passwords is missing`)
    await writeFile(record, '{')
    await expect(open({ dataDir })).rejects.toThrow(
      `The file ${record}, which says where the database is and holds its passwords, is damaged`,
    )
    await rename(`${record}.aside`, record)
    await rename(handle.clusterDir, `${handle.clusterDir}.aside`)
    await expect(open({ dataDir })).rejects.toThrow(`The database of ${dataDir} is gone`)
  })

  it('a server that does not start, with its own words', async () => {
    const dataDir = newFolder()
    const handle = await open({ dataDir })
    await handle.release()
    const config = join(handle.clusterDir, 'postgresql.conf')
    const text = await readFile(config, 'utf8')
    await writeFile(config, `${text}\nshared_buffers = nonsense\n`)
    await expect(open({ dataDir })).rejects.toThrow(
      /^The database server in .* didn't start: .*postgresql\.conf.*\. See .*server\.log, or set DATABASE_URL/,
    )
    await writeFile(config, text)
    expect((await open({ dataDir })).started).toBe(true)
  })
})

describe('users and closed folders', () => {
  it('an ordinary user has everything in the data folder', async () => {
    const parent = newFolder()
    await mkdir(parent, { mode: 0o700 })
    if (isRoot) await chown(parent, ordinaryUid, ordinaryUid)
    const dataDir = join(parent, 'data')
    for (const started of [true, true]) {
      const holder = holdAsOrdinaryUser({ dataDir })
      const opened = await holder.opened
      expect(opened).toMatchObject({ started, clusterDir: join(dataDir, 'postgres', 'data') })
      const pid = await serverPid(opened)
      expect((await stat(`/proc/${pid}`)).uid).toBe(isRoot ? ordinaryUid : ownUid)
      expect(await query(opened.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
      await holder.release()
      expect(await isProcessAlive(pid)).toBe(false)
    }
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
    if (isRoot) {
      // Root in that user's folder runs the server as that user and leaves nothing behind that the user can't use.
      const asRoot = await open({ dataDir })
      expect((await stat(`/proc/${await serverPid(asRoot)}`)).uid).toBe(ordinaryUid)
      await asRoot.release()
      const again = holdAsOrdinaryUser({ dataDir })
      expect((await again.opened).started).toBe(true)
      await again.release()
    }
  })

  it('from a checkout and with a data folder that only their owner can enter', async () => {
    const closed = join(work, 'app')
    await chmod(closed, 0o700)
    const dataDir = join(closed, 'data')

    const first = hold({ dataDir })
    const opened = await first.opened
    await query(opened.databaseUrl, 'create table kept as select 7 as number')
    expect(opened.clusterDir.startsWith(isRoot ? join(stageDir, 'clusters') : dataDir)).toBe(true)
    await first.release()
    expect((await stat(closed)).mode & 0o777, 'left as it was').toBe(0o700)

    if (isRoot) {
      const [staged = ''] = (await readdir(stageDir)).filter((name) => name.startsWith('pg-'))
      const library = join(stageDir, staged, 'lib', 'libpq.so.5')
      expect(await readlink(library)).toMatch(/^libpq\.so\.5\.\d+$/)
      expect((await stat(join(opened.clusterDir, '..'))).mode & 0o777).toBe(0o700)
      // A copy that lost something is made again.
      await rm(library)
      const copied = join(closed, 'copy')
      await cp(dataDir, copied, { recursive: true })
      await expect(open({ dataDir: copied })).rejects.toThrow(`The data folder ${copied} is a copy of ${dataDir}`)
    }
    // The data folder can be moved and takes its database along.
    const moved = join(closed, 'moved')
    await rename(dataDir, moved)
    const second = hold({ dataDir: moved })
    expect(await query((await second.opened).databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
    await second.release()

    const throwAway = hold({ dataDir: join(closed, 'demo'), ephemeral: true })
    const { clusterDir } = await throwAway.opened
    await throwAway.release()
    expect(existsSync(join(clusterDir, '..'))).toBe(false)
    expect(existsSync(join(closed, 'demo'))).toBe(false)
  })
})

function newFolder(): string {
  return join(work, `folder-${++folders}`)
}

async function open(options: {
  dataDir: string
  ephemeral?: boolean
  startTimeoutMs?: number
}): Promise<EmbeddedPostgres> {
  const handle = await openEmbeddedPostgres({ ...options, stageDir, log: silentLogger })
  handles.push(handle)
  return handle
}

function hold(options: { dataDir: string; ephemeral?: boolean }, how: HolderOptions = {}): Holder {
  const holder = startHolder(program, { ...options, stageDir }, how)
  holders.push(holder)
  return holder
}

function holdAsOrdinaryUser(options: { dataDir: string }): Holder {
  return hold(options, isRoot ? { uid: ordinaryUid, node } : {})
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function countPresent({ adminUrl }: { readonly adminUrl: string }): Promise<unknown> {
  const [row] = await query(
    adminUrl,
    "select count(*)::int as present from pg_stat_activity where application_name = 'restock-presence'",
  )
  return row?.present
}

async function serverPid(server: { readonly clusterDir: string } | undefined): Promise<number> {
  const pid = Number.parseInt(await readFile(join(server?.clusterDir ?? '', 'postmaster.pid'), 'utf8'), 10)
  serverPids.add(pid)
  return pid
}

/** Processes that work in a folder of this test; only Linux tells. */
async function findProcessesIn(folder: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') return []
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '')
    if (cwd.startsWith(folder)) found.push(Number(name))
  }
  return found
}
