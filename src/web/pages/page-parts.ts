import type { Context } from 'hono'
import type { DomainContext } from '../../platform/context.js'
import type { JobQueue } from '../../platform/queue.js'
import type { Sights } from '../live/sights.js'
import { principalOf } from '../security/principal-of.js'
import { readChrome } from './chrome.js'
import { takeFlash } from './flash.js'
import { type PageProps, page } from './layout.js'

/** What is shown of this installation beside what the database holds; absent in tests of single pages. */
export interface About {
  /** The effective configuration, masked. */
  readonly settings: () => object
  /** Everything that `doctor` checks; takes seconds. */
  readonly check: () => Promise<readonly { readonly name: string; readonly isOk: boolean; readonly detail: string }[]>
}

/** What pages are made from. */
export interface PageParts {
  readonly ctx: DomainContext
  readonly queue: JobQueue
  readonly sights: Sights
  readonly about: About | null
}

export type ShownPage = Omit<PageProps, 'chrome' | 'flash'>

/** Answers with a page in the frame that all pages share. */
export async function show(parts: PageParts, c: Context, props: ShownPage, status: 200 | 404 | 409 | 422 = 200) {
  const isLoggedIn = principalOf(c).kind === 'session'
  const chrome = { ...(await readChrome(parts.ctx)), isLoggedIn }
  return c.html(page({ ...props, chrome, flash: takeFlash(c) }), status)
}
