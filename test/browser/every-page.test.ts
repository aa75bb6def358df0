import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  chromiumPath,
  desktop,
  findBarriers,
  launchBrowser,
  openPage,
  overflowOf,
  phone,
  type WatchedPage,
} from '../helpers/browser.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

/** Every page that there is, with something on it. */
const pages: readonly (readonly [name: string, path: (ids: WebShop['ids']) => string])[] = [
  ['overview', () => '/'],
  ['items', () => '/items'],
  ['items to buy', () => '/items?show=due'],
  ['items that were looked for', () => '/items?q=milk'],
  ['no items', () => '/items?q=nothing+is+called+like+that'],
  ['an item', ({ item }) => `/items/${item}`],
  ['an item and its products', ({ item }) => `/items/${item}?product=milk`],
  ['editing an item', ({ item }) => `/items/${item}/edit`],
  ['a new item', () => '/items/new'],
  ['a request', () => '/items/request'],
  ['importing items', () => '/items/import'],
  ['orders', () => '/orders'],
  ['orders that need a person', () => '/orders?show=attention'],
  ['an order that waits', ({ waiting }) => `/orders/${waiting}`],
  ['an order that came in part', ({ partly }) => `/orders/${partly}`],
  ['an order in doubt', ({ unknown }) => `/orders/${unknown}`],
  ['runs', () => '/runs'],
  ['a run', ({ run }) => `/runs/${run}`],
  ['a run that failed', ({ failedRun }) => `/runs/${failedRun}`],
  ['a replay', ({ run }) => `/runs/${run}/replay?step=2`],
  ['schedules', () => '/schedules'],
  ['a new schedule', () => '/schedules/new'],
  ['a schedule', () => '/schedules/cafe-daily'],
  ['editing a schedule', () => '/schedules/cafe-daily/edit'],
  ['limits', () => '/limits'],
  ['suppliers', () => '/suppliers'],
  ['a supplier', ({ supplier }) => `/suppliers/${supplier}`],
  ['editing a supplier', ({ supplier }) => `/suppliers/${supplier}/edit`],
  ['a new supplier', () => '/suppliers/new'],
  ['importing a catalog', () => '/catalog/import'],
  ['the catalog', () => '/catalog?q=milk'],
  ['a product', ({ product }) => `/catalog/${product}`],
  ['settings', () => '/settings'],
  ['API tokens', () => '/settings/tokens'],
  ['who did what', () => '/settings/audit'],
  ['health', () => '/health'],
  ['setting up a list', () => '/start'],
]

describe.skipIf(chromiumPath === null)('every page', () => {
  let browser: Browser
  let shop: WebShop
  beforeAll(async () => {
    shop = await openWebShop()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await shop?.close()
  })

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    let watched: WatchedPage
    beforeAll(async () => {
      watched = await openPage(browser, { baseURL: shop.url, colorScheme, viewport: phone })
    })
    afterAll(() => watched?.context.close())

    it.each(pages)('shows %s on a phone without complaint, barrier or sideways scrolling', async (_name, pathOf) => {
      const { page, complaints } = watched
      complaints.length = 0
      await page.setViewportSize(phone)
      const response = await page.goto(pathOf(shop.ids), { waitUntil: 'load' })
      expect(response?.status()).toBe(200)
      expect(await page.locator('h1').count()).toBe(1)
      expect(await overflowOf(page)).toBe(0)
      expect(await findBarriers(page)).toEqual([])
      await page.setViewportSize(desktop)
      expect(await overflowOf(page)).toBe(0)
      expect(await findBarriers(page)).toEqual([])
      expect(complaints).toEqual([])
    })
  })

  describe('where scripts are off', () => {
    let plain: WatchedPage
    let scripted: WatchedPage
    beforeAll(async () => {
      plain = await openPage(browser, { baseURL: shop.url, hasScript: false })
      scripted = await openPage(browser, { baseURL: shop.url })
    })
    afterAll(async () => {
      await plain?.context.close()
      await scripted?.context.close()
    })

    it.each(pages)('says the same of %s', async (_name, pathOf) => {
      const texts: string[] = []
      for (const { page } of [plain, scripted]) {
        await page.goto(pathOf(shop.ids), { waitUntil: 'load' })
        texts.push(await page.evaluate<string>(textWithoutCharts))
      }
      expect(texts[0]?.length).toBeGreaterThan(20)
      expect(texts[0]).toBe(texts[1])
    })
  })

  it('leads to all others by its menu, also with the keyboard on a phone', async () => {
    const watched = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      const { page } = watched
      await page.goto('/')
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content')
      await page.getByText('Menu', { exact: true }).focus()
      await page.keyboard.press('Enter')
      for (const name of [
        'Items',
        'Orders',
        'Runs',
        'Schedules',
        'Limits',
        'Suppliers',
        'Queue',
        'Health',
        'Settings',
      ]) {
        expect(await page.getByRole('link', { name, exact: false }).first().isVisible()).toBe(true)
      }
      await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Schedules' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL('**/schedules')
      expect(watched.complaints).toEqual([])
    } finally {
      await watched.context.close()
    }
  })

  it('draws the stock of an item with what was ordered and received', async () => {
    const watched = await openPage(browser, { baseURL: shop.url })
    try {
      await watched.page.goto(`/items/${shop.ids.item}`)
      await watched.page.locator('[data-chart] canvas').waitFor()
      const legend = await watched.page.locator('.u-legend').innerText()
      for (const label of ['On hand', 'Ordered', 'Received', 'Reorder point']) expect(legend).toContain(label)
      expect(watched.complaints).toEqual([])
    } finally {
      await watched.context.close()
    }
  })
})

/** Charts are pictures of tables that are there as well; and some of what is said is how long something took. */
const textWithoutCharts = `(() => {
  const copy = document.querySelector('main').cloneNode(true)
  for (const chart of copy.querySelectorAll('[data-chart], noscript')) chart.remove()
  return copy.textContent.replace(/\\s+/g, ' ').replace(/answered in \\d+ ms|\\d+ (min|h|d) ago|now/g, '').trim()
})()`
