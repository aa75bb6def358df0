import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import { iconPath, stylesheetPath } from '../assets.js'

export interface PageProps {
  readonly title: string
  /** Loads the page again after so many seconds, while what it shows is still under way. */
  readonly refreshSeconds?: number | undefined
  readonly children?: Child
}

/** A whole page. Everything in it that isn't ours to write, JSX escapes. */
export function page({ title, refreshSeconds, children }: PageProps) {
  return html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {refreshSeconds === undefined ? null : <meta http-equiv="refresh" content={String(refreshSeconds)} />}
        <title>{`${title} · Restock`}</title>
        <link rel="icon" href={iconPath} type="image/svg+xml" />
        <link rel="stylesheet" href={stylesheetPath} />
      </head>
      <body>
        <header>
          <nav>
            <a class="name" href="/runs">
              Restock
            </a>
            <a href="/runs">Runs</a>
            <a href="/queues">Queues</a>
          </nav>
        </header>
        <main>{children}</main>
      </body>
    </html>
  )}`
}
