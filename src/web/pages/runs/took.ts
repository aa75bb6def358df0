import type { Run } from '../../../runs/run.js'

/** How long a run was at work; null: it isn't over, or never began. */
export function took({ startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>): string | null {
  if (startedAt === null || finishedAt === null) return null
  return `${((finishedAt.getTime() - startedAt.getTime()) / 1_000).toFixed(1)} s`
}
