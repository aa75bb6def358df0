import { styleText } from 'node:util'

/** What decides about colour on one stream. */
export interface StyleSpace {
  readonly isTerminal: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What a text is to the reader; how that looks is decided here alone. */
export type Role = 'good' | 'bad' | 'warn' | 'dim' | 'strong'

export type Style = Readonly<Record<Role, (text: string) => string>>

const formats = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold' } as const

/**
 * Colour is for a terminal. NO_COLOR (https://no-color.org) has the last word; FORCE_COLOR asks for it where there is no
 * terminal or one that calls itself dumb, and with 0 or false turns it off.
 */
export function hasColor({ isTerminal, env }: StyleSpace): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  const forced = env.FORCE_COLOR
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTerminal && env.TERM !== 'dumb'
}

const plain: Style = { good: same, bad: same, warn: same, dim: same, strong: same }

const colored: Style = {
  good: (text) => paint('good', text),
  bad: (text) => paint('bad', text),
  warn: (text) => paint('warn', text),
  dim: (text) => paint('dim', text),
  strong: (text) => paint('strong', text),
}

export function createStyle(space: StyleSpace): Style {
  return hasColor(space) ? colored : plain
}

function same(text: string): string {
  return text
}

/** Node's own look at the streams of this process is turned off: newer versions would ask those, not ours. */
function paint(role: Role, text: string): string {
  return text === '' ? '' : styleText(formats[role], text, { validateStream: false })
}

/** What a status is to the reader, whoever it is the status of. Names as they are stored: `awaiting_approval`. */
export function roleOfStatus(status: string): Role | null {
  return statusRoles[status] ?? null
}

const statusRoles: Readonly<Record<string, Role>> = {
  failed: 'bad',
  unknown: 'bad',
  rejected: 'bad',
  refused: 'bad',
  awaiting_approval: 'warn',
  needs_attention: 'warn',
  pending_approval: 'warn',
  partially_received: 'warn',
  pending: 'warn',
  paused: 'warn',
  received: 'good',
  completed: 'good',
  done: 'good',
  ordered: 'good',
}
