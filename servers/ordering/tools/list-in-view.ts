import { RefusalError } from '../../../src/platform/errors.js'
import type { Caller } from '../../../src/platform/run-context.js'

/** Which list's orders a caller may see: a run only its own, a person the one they ask for (undefined: all). */
export function listInView(caller: Caller, asked: string | undefined): string | undefined {
  if (caller.kind === 'person') return asked
  if (asked === undefined || asked === caller.list) return caller.list
  throw new RefusalError({
    code: 'wrong_list',
    severity: 'final',
    text: `This run works for list ${caller.list} and sees no other.`,
  })
}
