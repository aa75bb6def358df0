/** Spreads runs over the jitter by their id: the same run always gets the same delay. */
export function jitterOf(jitterMs: number, runId: string): number {
  if (jitterMs === 0) return 0
  let hash = 0
  for (const character of runId) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003
  // As a share, so that a jitter of an hour is used up to its end.
  return Math.floor((hash / 1_000_003) * jitterMs)
}
