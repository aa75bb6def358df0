import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import { chartPaths, iconPath, scriptPaths, stylesheetPath } from '../assets.js'
import type { Chrome } from './chrome.js'
import type { Flash } from './flash.js'
import { Form } from './form.js'

export interface PageProps {
  readonly title: string
  /** Loads the page again after so many seconds where no script follows what is under way. */
  readonly refreshSeconds?: number | undefined
  readonly hasCharts?: boolean | undefined
  /** Path of the link in the menu that stands for this page. */
  readonly here?: string | undefined
  /** What the frame says on every page; absent: there is no frame (nobody is logged in, or nothing can be asked). */
  readonly chrome?: Chrome | undefined
  readonly flash?: Flash | null | undefined
  readonly children?: Child
}

/** htmx sends and swaps, nothing more: no styles of its own, nothing evaluated, nobody else asked, nothing kept. */
const htmxSettings = JSON.stringify({
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
})

const links = [
  { path: '/', text: 'Overview' },
  { path: '/items', text: 'Items' },
  { path: '/orders', text: 'Orders' },
  { path: '/runs', text: 'Runs' },
  { path: '/schedules', text: 'Schedules' },
  { path: '/limits', text: 'Limits' },
  { path: '/suppliers', text: 'Suppliers' },
] as const

const technicalLinks = [
  { path: '/queues', text: 'Queue' },
  { path: '/health', text: 'Health' },
  { path: '/settings', text: 'Settings' },
] as const

/** A whole page. Everything in it that isn't ours to write, JSX escapes. */
export function page({ title, refreshSeconds, hasCharts, here, chrome, flash, children }: PageProps) {
  return html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={htmxSettings} />
        {refreshSeconds === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
        <title>{`${title} · Restock`}</title>
        <link rel="icon" href={iconPath} type="image/svg+xml" />
        <link rel="stylesheet" href={stylesheetPath} />
        {hasCharts === true ? <link rel="stylesheet" href={chartPaths.stylesheet} /> : null}
        {hasCharts === true ? <script src={chartPaths.script} defer></script> : null}
        {scriptPaths.map((path) => (
          <script src={path} defer></script>
        ))}
      </head>
      {chrome === undefined ? (
        <body>
          <header class="top">
            <Brand />
          </header>
          <main id="main">{children}</main>
        </body>
      ) : (
        <body class="framed">
          <a class="skip" href="#main">
            Skip to the content
          </a>
          <header class="top">
            <Brand />
            <details class="menu">
              <summary>Menu</summary>
              <nav aria-label="Menu">
                <Links here={here} chrome={chrome} />
              </nav>
            </details>
          </header>
          <div class="side">
            <Brand />
            <nav aria-label="Main">
              <Links here={here} chrome={chrome} />
            </nav>
          </div>
          <main id="main">
            <p class="notice warn" id="lost" role="status" hidden>
              <strong>The connection is lost:</strong> what you see may be out of date. It goes on by itself once
              Restock answers again.
            </p>
            <Notices chrome={chrome} />
            {flash == null ? null : (
              <p class={`notice ${flash.tone}`} role="status">
                {flash.text}
              </p>
            )}
            {children}
          </main>
        </body>
      )}
    </html>
  )}`
}

function Brand() {
  return (
    <a class="brand" href="/">
      <img src={iconPath} alt="" width="24" height="24" /> Restock
    </a>
  )
}

function Links({ here, chrome }: { here: string | undefined; chrome: Chrome }) {
  const link = ({ path, text }: { path: string; text: string }) => (
    <li>
      <a href={path} aria-current={here === path ? 'page' : undefined}>
        {text}
        {path === '/orders' && chrome.waiting > 0 ? (
          <span class="badge warn" title={`${chrome.waiting} waiting for approval`}>
            {chrome.waiting}
          </span>
        ) : null}
      </a>
    </li>
  )
  return (
    <ul class="links">
      {links.map(link)}
      <li aria-hidden="true">
        <hr />
      </li>
      {technicalLinks.map(link)}
      {chrome.isLoggedIn ? (
        <li>
          <Form action="/logout">
            <button type="submit" class="secondary">
              Log out
            </button>
          </Form>
        </li>
      ) : null}
    </ul>
  )
}

/** What stops everything, on every page: whoever wonders why nothing comes should not have to look for it. */
function Notices({ chrome }: { chrome: Chrome }) {
  return (
    <>
      {chrome.pausedBy === null ? null : (
        <p class="notice warn">
          <strong>Buying is paused for every list</strong>, by {chrome.pausedBy}: nothing is ordered, approved or sent.{' '}
          <a href="/limits">Resume under Limits</a>
        </p>
      )}
      {chrome.isWorked ? null : (
        <p class="notice warn">
          <strong>Nobody is at work:</strong> runs and orders wait until <code>restock up</code> or{' '}
          <code>restock worker</code> runs.
        </p>
      )}
    </>
  )
}
