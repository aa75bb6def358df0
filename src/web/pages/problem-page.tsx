import { page } from './layout.js'

/** In the frame of all pages, without what it says of the state of things: nothing can be asked for it. */
const chrome = { waiting: 0, pausedBy: null, isWorked: true, isLoggedIn: false } as const

/** Something isn't there or didn't work, in one sentence, and ways on. */
export function problemPage(title: string, text: string) {
  return page({
    title,
    chrome,
    children: (
      <>
        <div class="head">
          <h1>{title}</h1>
        </div>
        <p>{text}</p>
        <p class="actions">
          <a class="button" href="/">
            To the overview
          </a>
        </p>
      </>
    ),
  })
}
