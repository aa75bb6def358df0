import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'
import { chromiumPath, launchBrowser, openPage, phone } from '../helpers/browser.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

const folder = join(packageRoot, 'docs', 'screenshots')
const window = { width: 1120, height: 760 }

/** The pictures in the README, of the pages as they are. They are made again where RESTOCK_SCREENSHOTS is set. */
const pictures = [
  { name: 'overview', path: () => '/', viewport: window, colorScheme: 'light' },
  { name: 'run', path: ({ run }: WebShop['ids']) => `/runs/${run}`, viewport: window, colorScheme: 'dark' },
  {
    name: 'approval',
    path: ({ waiting }: WebShop['ids']) => `/orders/${waiting}`,
    viewport: phone,
    colorScheme: 'light',
  },
  { name: 'item', path: ({ item }: WebShop['ids']) => `/items/${item}`, viewport: window, colorScheme: 'light' },
] as const

describe.skipIf(chromiumPath === null)('pictures for the README', () => {
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

  it.each(pictures)('shows $name, small enough for a page', async ({ name, path, viewport, colorScheme }) => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url, viewport, colorScheme })
    try {
      await page.goto(path(shop.ids), { waitUntil: 'load' })
      if (name === 'item') await page.locator('[data-chart] canvas').waitFor()
      const picture = await page.screenshot()
      expect(picture.subarray(1, 4).toString()).toBe('PNG')
      expect(picture.length).toBeLessThan(200_000)
      expect(complaints).toEqual([])
      if (process.env.RESTOCK_SCREENSHOTS === undefined) return
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}.png`) })
    } finally {
      await context.close()
    }
  })
})
