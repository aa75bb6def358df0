/** What a token may be used for: look, do the day's work, decide about money, change how things are set up. */
export const scopes = ['read', 'run', 'approve', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** What holding a scope allows. Whoever may do something may also look; neither work nor money includes the other. */
const includes: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  run: ['read', 'run'],
  approve: ['read', 'approve'],
  admin: ['read', 'run', 'approve', 'admin'],
}

export function mayUse(held: readonly Scope[], needed: Scope): boolean {
  return held.some((scope) => includes[scope].includes(needed))
}

export function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text)
}
