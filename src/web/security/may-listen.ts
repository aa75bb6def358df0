import type { Config } from '../../config/config.js'
import { InputError } from '../../platform/errors.js'
import { isLoopback } from '../../platform/http-guard.js'

/** Nobody but this machine gets in without a password or a token. Throws InputError where other machines would. */
export function assertMayListen(web: Pick<Config['web'], 'host' | 'password'>, hasTokens = false): void {
  if (web.password !== null || hasTokens || isLoopback(web.host)) return
  throw new InputError(
    `RESTOCK_WEB_HOST=${web.host} lets other machines in, and they need a password: set RESTOCK_PASSWORD (or make a token with \`restock tokens add\`, for the API alone), or set RESTOCK_WEB_HOST=127.0.0.1 to keep them out.`,
    'password_needed',
  )
}
