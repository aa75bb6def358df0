import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, findBarriers, launchBrowser, openPage, overflowOf, phone } from '../helpers/browser.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

describe.skipIf(chromiumPath === null)('putting things right where scripts are off', () => {
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

  it('makes a token on a phone, which works until it is revoked', async () => {
    const { page, context, complaints } = await openPage(browser, {
      baseURL: shop.url,
      viewport: phone,
      hasScript: false,
    })
    try {
      await page.goto('/settings')
      await page.getByRole('link', { name: 'API tokens' }).click()
      await page.getByLabel('Name', { exact: true }).fill('kitchen-display')
      await page.getByLabel(/^run: /).check()
      await page.getByRole('button', { name: 'Make the token' }).click()
      const token = await page.getByLabel('Token', { exact: true }).inputValue()
      expect(token).toMatch(/^rst_/)
      expect(await overflowOf(page)).toBe(0)
      const status = async () =>
        (await fetch(`${shop.url}/api/lists`, { headers: { authorization: `Bearer ${token}` } })).status
      expect(await status()).toBe(200)
      await page.goto('/settings/tokens')
      expect(await page.content()).not.toContain(token)
      await page.getByLabel('Revoke kitchen-display', { exact: true }).click()
      await page.getByRole('button', { name: 'Revoke kitchen-display now' }).click()
      await page.getByRole('status').filter({ hasText: 'opens nothing any more' }).waitFor()
      expect(await status()).toBe(401)
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('shows a token just made, and those there are, without a barrier', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      await page.goto('/settings/tokens')
      await page.getByLabel('Name', { exact: true }).fill('shelf')
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByLabel('Token', { exact: true }).waitFor()
      expect(await findBarriers(page)).toEqual([])
      expect(await overflowOf(page)).toBe(0)
    } finally {
      await context.close()
    }
  })

  it('edits a supplier on its page', async () => {
    const { page, context, complaints } = await openPage(browser, {
      baseURL: shop.url,
      viewport: phone,
      hasScript: false,
    })
    try {
      await page.goto(`/suppliers/${shop.ids.supplier}`)
      await page.getByRole('link', { name: 'Edit', exact: true }).click()
      await page.getByLabel('Shipping fee', { exact: true }).fill('4,25')
      await page.getByLabel('Buy from it').uncheck()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('status').filter({ hasText: 'It is saved.' }).waitFor()
      expect(await page.locator('main').innerText()).toContain('4.25 EUR')
      await page.getByText('not bought from').waitFor()
      await page.goto('/suppliers')
      await page.getByRole('heading', { name: 'Not bought from' }).waitFor()
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })
})
