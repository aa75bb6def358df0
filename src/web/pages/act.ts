import type { Context } from 'hono'
import { actorOfPrincipal } from '../../access/principal.js'
import { isExpectedError } from '../../platform/errors.js'
import { noteAudit, noteRefusal } from '../security/audit-writes.js'
import { principalOf } from '../security/principal-of.js'
import { type Flash, setFlash } from './flash.js'

/** What was done, in a sentence, and where to go on; by default the page that the form was on. */
export interface Done {
  readonly said: string
  readonly tone?: Flash['tone']
  readonly goTo?: string
}

export interface Act {
  /** As the API calls the same operation. */
  readonly action: string
  /** Id of what is changed. */
  readonly subject: string | null
  /** Where to go when nothing else is said, or when it didn't work. */
  readonly back: string
}

/**
 * Does what a form asks for and goes back to a page that says what came of it. What people can put right is said there,
 * too; anything else is our own fault and is thrown on.
 */
export function act(c: Context, what: Act, work: (by: string) => Promise<Done>): Promise<Response> {
  return actOrReturn(c, what, work, (problem) => {
    setFlash(c, { tone: 'bad', text: problem })
    return c.redirect(what.back, 303)
  })
}

/** A form that comes back as it was sent, with what was wrong with it. Work may also answer with a page of its own. */
export async function actOrReturn(
  c: Context,
  { action, subject, back }: Act,
  work: (by: string) => Promise<Done | Response>,
  showAgain: (problem: string) => Response | Promise<Response>,
): Promise<Response> {
  noteAudit(c, { action, subject })
  try {
    const done = await work(actorOfPrincipal(principalOf(c)))
    if (done instanceof Response) return done
    const { said, tone = 'good', goTo = back } = done
    setFlash(c, { tone, text: said })
    return c.redirect(goTo, 303)
  } catch (error) {
    if (!isExpectedError(error)) throw error
    noteRefusal(c, error)
    return showAgain(sentence(error.message))
  }
}

/** Messages for people begin in lower case where they follow a file and line; the name of a file stays as it is. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const isFileFirst = /^\S+\.\w+[,:]/.test(trimmed)
  const first = isFileFirst ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
