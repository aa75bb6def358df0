/** How long to leave a supplier alone after so many failures in a row: 30 s, 1 min, 2 min, … one hour at most. */
export function backoffMs(failures: number): number {
  return Math.min(30_000 * 2 ** Math.max(0, Math.min(failures, 20) - 1), 3_600_000)
}
