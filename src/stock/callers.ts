import { RefusalError } from '../platform/errors.js'
import type { Caller } from '../platform/run-context.js'

/** On whose behalf a change is made. Without a `caller` it is a person's: command line and web. */
export interface By {
  readonly caller?: Caller | undefined
  /** The person's name for the record. */
  readonly actor?: string | undefined
}

export function callerOf(by: By): Caller {
  return by.caller ?? { kind: 'person' }
}

/** How movements name who made them. */
export function actorOf(by: By): string {
  return by.caller?.kind === 'run' ? `run:${by.caller.run}` : (by.actor ?? 'person')
}

export function assertPerson(by: By): void {
  if (by.caller?.kind !== 'run') return
  throw new RefusalError({
    code: 'person_only',
    severity: 'final',
    text: 'Only a person may do this; a run may not change items or counts.',
  })
}

/** A run works on its own list and sees no other. */
export function assertOwnList(caller: Caller, list: string): void {
  if (caller.kind !== 'run' || caller.list === list) return
  throw new RefusalError({
    code: 'wrong_list',
    severity: 'final',
    text: `This run works on list ${caller.list} alone; leave everything else as it is.`,
  })
}

export function assertNotDryRun(caller: Caller): void {
  if (caller.kind !== 'run' || !caller.dryRun) return
  throw new RefusalError({
    code: 'dry_run',
    severity: 'final',
    text: 'This is a dry run: nothing was changed, and nothing needs to be. Go on to the final answer.',
  })
}
