import { hasTokens } from '../../access/tokens.js'
import type { Config } from '../../config/config.js'
import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import { isLoopback } from '../../platform/http-guard.js'

type Web = Pick<Config['web'], 'host' | 'password' | 'publicUrl'>

/** Only somebody at this machine can ask for anything, so that nobody has to log in. */
export function isForThisMachine({ host, password, publicUrl }: Web): boolean {
  if (password !== null || !isLoopback(host)) return false
  return publicUrl === undefined || publicUrl === null || isLoopback(new URL(publicUrl).hostname)
}

/** Nobody but this machine gets in without a password or a token. Throws InputError where other machines would. */
export function assertMayListen(web: Web, hasTokens = false): void {
  if (web.password !== null || hasTokens || isForThisMachine(web)) return
  if (isLoopback(web.host)) {
    throw new InputError(
      `RESTOCK_WEB_URL=${web.publicUrl} lets other machines in, and they need a password: set RESTOCK_PASSWORD, or unset RESTOCK_WEB_URL.`,
      'password_needed',
    )
  }
  throw new InputError(
    `RESTOCK_WEB_HOST=${web.host} lets other machines in, and they need a password: set RESTOCK_PASSWORD (or make a token with \`restock tokens add\`, for the API alone), or set RESTOCK_WEB_HOST=127.0.0.1 to keep them out.`,
    'password_needed',
  )
}

/** The same by the tokens that there are: how a start judges it, and whoever wants to know what it would say. */
export async function assertMayStart(ctx: DomainContext, web: Web): Promise<void> {
  assertMayListen(web, await hasTokens(ctx))
}
