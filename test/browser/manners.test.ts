import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRun } from '../../src/runs/create-run.js'
import { chromiumPath, launchBrowser, openPage, phone } from '../helpers/browser.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

/** What pages do for whoever uses them: they say when they can't be believed, do a thing once, and take nobody's place away. */
describe.skipIf(chromiumPath === null)('the manners of pages', () => {
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

  it('say when the connection is lost, and when it is back', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url })
    try {
      const lost = page.locator('#lost')
      await page.route('**/events/**', (route) => route.abort())
      await page.goto('/')
      await lost.waitFor({ state: 'visible' })
      expect(await lost.innerText()).toContain('may be out of date')
      await page.unroute('**/events/**')
      await lost.waitFor({ state: 'hidden' })
      await page.goto('/items')
      expect(await lost.isVisible()).toBe(false)
      await page.route('**/items?*', (route) => route.abort())
      await page.getByLabel('Find by name, sku or gtin').fill('milk')
      await lost.waitFor({ state: 'visible' })
    } finally {
      await context.close()
    }
  })

  it('send a form once, however often its button is pressed, and show that they are at it', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url })
    try {
      await page.goto('/')
      // What would be sent is counted instead, after our script has had its say.
      await page.evaluate(`
        window.sent = 0
        addEventListener('submit', (event) => {
          if (!event.defaultPrevented) window.sent += 1
          event.preventDefault()
        })`)
      const button = page.getByRole('button', { name: 'Run now' })
      await button.click()
      expect(await button.getAttribute('aria-busy')).toBe('true')
      await button.press('Enter')
      await button.evaluate<void, { form: { requestSubmit(): void } }>(({ form }) => form.requestSubmit())
      expect(await page.evaluate('window.sent')).toBe(1)
    } finally {
      await context.close()
    }
  })

  it('leave the focus where it is when what is shown changes', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url })
    try {
      await page.goto('/')
      const href = `/orders/${shop.ids.waiting}`
      await page.locator(`a[href="${href}"]`).first().focus()
      await page.evaluate(`document.querySelector('#live').dataset.old = 'yes'`)
      await createRun(shop.ctx, { list: 'cafe' })
      await page.locator('#live:not([data-old])').waitFor()
      await page.waitForFunction(`document.activeElement.getAttribute('href') === ${JSON.stringify(href)}`)
    } finally {
      await context.close()
    }
  })

  it('close their menu on Escape, which leaves the focus on it, and on a touch elsewhere', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      await page.goto('/items')
      const menu = page.getByText('Menu', { exact: true })
      const health = page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Health' })
      await menu.click()
      await health.waitFor()
      await page.keyboard.press('Escape')
      await health.waitFor({ state: 'hidden' })
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Menu')
      await menu.click()
      await health.waitFor()
      await page.getByRole('heading', { name: 'Items' }).click()
      await health.waitFor({ state: 'hidden' })
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('keep their menu where something was not found', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url })
    try {
      const answer = await page.goto('/orders/ord_gone')
      expect(answer?.status()).toBe(404)
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Orders' }).click()
      await page.waitForURL('**/orders')
    } finally {
      await context.close()
    }
  })
})
