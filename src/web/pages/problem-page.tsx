import { page } from './layout.js'

/** Something isn't there or didn't work, in one sentence. */
export function problemPage(title: string, text: string) {
  return page({
    title,
    children: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href="/">To the overview</a>
        </p>
      </>
    ),
  })
}
