import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { UnavailableError } from '../errors.js'
import { errorCode } from '../folder-errors.js'

/** Not our own search path: cron's, for one, lacks the folders of these programs. */
function run(file: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(file, [...args], { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' } })
}

/** The operating system's user that the server runs as. */
export interface ServerAccount {
  readonly uid: number
  readonly gid: number
  /** For people: `postgres`, or `1000` where only the number is known. */
  readonly name: string
}

/** True when PostgreSQL, which refuses to run as root, needs another user than ours. */
export function needsServerAccount(): boolean {
  return process.getuid?.() === 0
}

/** The user that PostgreSQL's own packages make, else one that we make once. Only for root. */
export async function findServerAccount(): Promise<ServerAccount> {
  const existing = (await findAccount('postgres')) ?? (await findAccount('restock'))
  if (existing !== undefined) return existing
  await createAccount()
  const created = await findAccount('restock')
  if (created !== undefined) return created
  throw new UnavailableError(
    'PostgreSQL refuses to run as root, this machine has no user postgres, and none could be made with useradd or adduser: run Restock as an ordinary user, create a user postgres, or set DATABASE_URL to a PostgreSQL server of your own.',
    'no_server_account',
  )
}

/**
 * For what the system answers when root tries to act for the account: containers may have taken from root the right to
 * become others (EPERM), or know no others at all (EINVAL). Any other error is returned as it is.
 */
export function describeAccountError(error: unknown, account: ServerAccount): unknown {
  const code = errorCode(error)
  if (code !== 'EPERM' && code !== 'EINVAL') return error
  return new UnavailableError(
    `PostgreSQL refuses to run as root, and this system doesn't let root act for user ${account.name} (${code}): run Restock as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own.`,
    'no_server_account',
    { cause: error },
  )
}

async function findAccount(name: string): Promise<ServerAccount | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const line = passwd.split('\n').find((candidate) => candidate.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? (await askForAccount(name))
  const account = { uid: Number(uid), gid: Number(gid), name }
  return Number.isInteger(account.uid) && Number.isInteger(account.gid) && account.uid > 0 ? account : undefined
}

/** Users may also come from a directory service, which only the system's own programs know. */
async function askForAccount(name: string): Promise<readonly string[]> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return [name, '', uid.stdout.trim(), gid.stdout.trim()]
  } catch {
    return []
  }
}

async function createAccount(): Promise<void> {
  const ways: readonly (readonly (readonly [string, readonly string[]])[])[] = [
    [
      [
        'useradd',
        [
          '--system',
          '--user-group',
          '--no-create-home',
          '--home-dir',
          '/nonexistent',
          '--shell',
          '/bin/false',
          'restock',
        ],
      ],
    ],
    [
      ['addgroup', ['-S', 'restock']],
      ['adduser', ['-S', '-D', '-H', '-h', '/nonexistent', '-s', '/bin/false', '-G', 'restock', 'restock']],
    ],
  ]
  for (const way of ways) {
    try {
      for (const [file, args] of way) await run(file, args)
      return
    } catch {
      // The next way; a user that another process made meanwhile is found by the caller.
    }
  }
}
