import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where a Chromium is, or null where none is installed. A build server must have one: there a test that is not run proves nothing. */
export const chromiumPath: string | null = findChromium()

function findChromium(): string | null {
  const named = process.env.RESTOCK_TEST_CHROMIUM
  const places = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/opt/google/chrome/chrome',
  ]
  const found = (named === undefined ? places : [named]).find((path) => existsSync(path))
  if (found !== undefined) return found
  if (process.env.CI !== undefined) throw new Error('No Chromium is installed; set RESTOCK_TEST_CHROMIUM to its path.')
  console.warn('No Chromium is installed: browser tests are skipped. Set RESTOCK_TEST_CHROMIUM to its path.')
  return null
}

export function launchBrowser(): Promise<Browser> {
  // As root, as in containers, Chromium has no sandbox; the pages are our own.
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
}

export const phone = { width: 360, height: 740 }
export const desktop = { width: 1280, height: 800 }

export interface OpenOptions {
  readonly baseURL: string
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  readonly hasScript?: boolean
}

/** A page of a fresh browser, and everything that it complained about: errors, warnings, what its policy refused. */
export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  readonly complaints: string[]
}

export async function openPage(browser: Browser, options: OpenOptions): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: options.baseURL,
    viewport: options.viewport ?? desktop,
    colorScheme: options.colorScheme ?? 'light',
    javaScriptEnabled: options.hasScript ?? true,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const { url } = message.location()
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} (${url})`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A page that is left takes with it what it is still loading, and its stream.
    const reason = request.failure()?.errorText ?? ''
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()} failed: ${reason}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(options.baseURL) && !request.url().startsWith('data:')) {
      complaints.push(`asked somebody else: ${request.url()}`)
    }
  })
  page.on('dialog', (dialog) => {
    complaints.push(`said: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  )
  page.setDefaultTimeout(20_000)
  return { page, context, complaints }
}

/** How many pixels the page is wider than the window. */
export async function overflowOf(page: Page): Promise<number> {
  return Math.max(0, await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'))
}

interface AxeViolation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

/** What axe finds that keeps people out; one line a finding. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate<AxeViolation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then((found) => found.violations)`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    )
}
