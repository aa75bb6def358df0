/** How far away an instant is, in the largest unit that fits: `3 h ago`, `in 2 d`. */
export function distance(at: Date, now: Date): string {
  const minutes = Math.round((at.getTime() - now.getTime()) / 60_000)
  const size = Math.abs(minutes)
  if (size === 0) return 'now'
  const text = size < 60 ? `${size} min` : size < 2_880 ? `${Math.round(size / 60)} h` : `${Math.round(size / 1_440)} d`
  return minutes < 0 ? `${text} ago` : `in ${text}`
}
