import { InputError, UnavailableError } from './errors.js'

/**
 * Turns what the file system refused into one sentence for people. `what` names the folder's role, such as
 * `data folder`; `howToMend` ends the sentence. Anything that isn't a file system refusal is returned as it is.
 */
export function describeFolderError(error: unknown, path: string, what: string, howToMend: string): unknown {
  const code = errorCode(error)
  const cause = { cause: error }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UnavailableError(
        `The disk that holds the ${what} ${path} is full: free some space, or ${howToMend}.`,
        'disk_full',
        cause,
      )
    case 'EROFS':
      return new UnavailableError(
        `The ${what} ${path} is on a read-only disk: mount it writable, or ${howToMend}.`,
        'folder_not_writable',
        cause,
      )
    case 'EACCES':
    case 'EPERM':
      return new UnavailableError(
        `The ${what} ${path} may not be written or read by ${currentUser()}: correct its owner and permissions, or ${howToMend}.`,
        'folder_not_writable',
        cause,
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return new InputError(
        `The ${what} ${path} is not a folder: move away the file that is in its place, or ${howToMend}.`,
      )
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new InputError(`The ${what} ${path} can't be opened (${code}): ${howToMend}.`)
    default:
      return error
  }
}

/** The `code` of a Node or PostgreSQL error, such as `ENOENT` or `57P03`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function currentUser(): string {
  const uid = process.getuid?.()
  if (uid === undefined) return 'this user'
  return uid === 0 ? 'root' : `this user (uid ${uid})`
}
