/** How the record names the person at this command line. */
export function actorName(env: Readonly<Record<string, string | undefined>>): string {
  const name = env.SUDO_USER ?? env.USER ?? env.USERNAME ?? env.LOGNAME ?? ''
  return name.trim() === '' ? 'cli' : name.trim().slice(0, 60)
}
