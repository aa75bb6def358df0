import { page } from '../pages/layout.js'

export interface LoginPageProps {
  /** Where to go afterwards. */
  readonly next: string
  /** Why the last attempt did not succeed; null: it is the first. */
  readonly problem: string | null
  /** No password is set, so that nobody can log in here. */
  readonly isClosed: boolean
}

export function loginPage({ next, problem, isClosed }: LoginPageProps) {
  return page({
    title: 'Log in',
    children: (
      <>
        <h1>Log in</h1>
        {problem === null ? null : (
          <p class="notice" role="alert">
            {problem}
          </p>
        )}
        {isClosed ? (
          <p>
            Pages need a password here: set <code>RESTOCK_PASSWORD</code> and start again. The API works with tokens.
          </p>
        ) : (
          <form method="post" action="/login">
            <input type="hidden" name="next" value={next} />
            <label>
              Password
              <input
                type="password"
                name="password"
                autocomplete="current-password"
                required
                autofocus
                maxlength={1000}
              />
            </label>
            <button type="submit">Log in</button>
          </form>
        )}
      </>
    ),
  })
}
