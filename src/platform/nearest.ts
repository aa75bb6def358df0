/**
 * The candidate that a mistyped word most likely meant, or `undefined` when none is close. Case, spaces, hyphens and
 * underscores don't count; otherwise about one slip in three letters is forgiven.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word)
  let best: { candidate: string; slips: number } | undefined
  for (const candidate of candidates) {
    const offered = plain(candidate)
    const slips = distance(wanted, offered)
    if (slips > Math.floor(Math.max(wanted.length, offered.length) / 3)) continue
    if (!best || slips < best.slips) best = { candidate, slips }
  }
  return best?.candidate
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[\s_-]+/g, '')
}

/** Insertions, deletions, replacements, and neighbours that changed places ("itmes"), each one slip. */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 20) return Number.POSITIVE_INFINITY
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const swapped = isSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : replaced
      current.push(Math.min(replaced, swapped, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? 0
}
