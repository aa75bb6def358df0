/** A URL may hold what one logs in with there (`https://user:password@…`), which nobody is shown. */
import { InputError } from '../../platform/errors.js'

/** Stands for what is not shown. */
const hidden = '***'

/** For people to read. */
export function maskLogin<Text extends string | null>(url: Text): Text | string {
  if (url === null || !URL.canParse(url)) return url
  const parsed = new URL(url)
  if (parsed.username === '' && parsed.password === '') return url
  parsed.username = hidden
  parsed.password = ''
  return parsed.href
}

/**
 * The URL that is meant by one that was shown and sent back, perhaps changed: its login is the one that is stored. That is
 * sent nowhere else: for another host it has to be written anew, which the InputError says.
 */
export function withStoredLogin(url: string | null, stored: string | null): string | null {
  if (url === null || !URL.canParse(url) || new URL(url).username !== hidden) return url
  const given = new URL(url)
  const before = stored !== null && URL.canParse(stored) ? new URL(stored) : null
  if (given.password !== '' || before === null || before.origin !== given.origin) {
    throw new InputError('URL: write the user name and password anew; what is stored is for another address.')
  }
  // Shown as it is stored, but for the login: then it stays as it was written.
  if (maskLogin(stored) === url) return stored
  given.username = before.username
  given.password = before.password
  return given.href
}

export function holdsHiddenLogin(url: string): boolean {
  return URL.canParse(url) && new URL(url).username === hidden
}
