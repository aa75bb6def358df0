import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import { chromiumPath, launchBrowser, openPage, overflowOf, phone } from '../helpers/browser.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

describe.skipIf(chromiumPath === null)('deciding about an order on a phone', () => {
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

  it('goes from the overview to the order, shows its exact terms and approves them', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      const before = await getOrder(shop.ctx, { orderId: shop.ids.waiting })
      await page.goto('/')
      await page.locator(`a[href="/orders/${before.orderId}"]`).first().click()
      await page.waitForURL(`**/orders/${before.orderId}`)
      expect(await overflowOf(page)).toBe(0)
      for (const line of before.lines) expect(await page.locator('main').innerText()).toContain(line.product)
      const total = `${(before.totalMinor / 100).toFixed(2)} EUR`
      await page.getByRole('button', { name: `Approve for ${total}` }).click()
      await page.getByRole('status').filter({ hasText: 'is approved' }).waitFor()
      const after = await getOrder(shop.ctx, { orderId: before.orderId })
      expect(after).toMatchObject({ status: 'approved', totalMinor: before.totalMinor, approvedBy: 'web' })
      expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('approves nothing but what was shown: an order that has changed since has to be looked at again', async () => {
    const waiting = await shop.ctx.db
      .selectFrom('purchasing.orders')
      .select('id')
      .where('status', '=', 'awaiting_approval')
      .executeTakeFirstOrThrow()
    const { page, context } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      await page.goto(`/orders/${waiting.id}`)
      const sentBefore = shop.database.clock.now()
      shop.database.clock.advance(1_000)
      await shop.ctx.db
        .updateTable('purchasing.orders')
        .set({ updated_at: shop.database.clock.now() })
        .where('id', '=', waiting.id)
        .execute()
      expect(shop.database.clock.now()).not.toEqual(sentBefore)
      await page.getByRole('button', { name: /^Approve for/ }).click()
      await page.getByText('has changed since this page was loaded').waitFor()
      expect((await getOrder(shop.ctx, { orderId: waiting.id })).status).toBe('awaiting_approval')
      await page.getByLabel('Because', { exact: true }).first().fill('too much of it')
      await page.getByRole('button', { name: 'Decline' }).click()
      await page.getByRole('status').filter({ hasText: 'is declined' }).waitFor()
      const declined = await getOrder(shop.ctx, { orderId: waiting.id })
      expect(declined).toMatchObject({ status: 'declined', statusReason: 'too much of it' })
    } finally {
      await context.close()
    }
  })

  it('books what came in, line by line, and the rest later', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      const before = await getOrder(shop.ctx, { orderId: shop.ids.partly })
      const [line] = before.lines
      await page.goto(`/orders/${before.orderId}`)
      const fields = page.locator('input[name^="line."]')
      expect(await fields.count()).toBe(before.lines.length)
      for (let at = 0; at < before.lines.length; at++) await fields.nth(at).fill(at === 0 ? '1,5' : '0')
      await page.getByRole('button', { name: 'Book what came' }).click()
      await page.getByRole('status').filter({ hasText: 'partially received' }).waitFor()
      const after = await getOrder(shop.ctx, { orderId: before.orderId })
      expect(after.lines[0]?.receivedQuantity).toBe((line?.receivedQuantity ?? 0) + 1.5)
      await page.getByRole('button', { name: 'Book what came' }).click()
      await page.getByRole('status').filter({ hasText: 'is received' }).waitFor()
      expect((await getOrder(shop.ctx, { orderId: before.orderId })).status).toBe('received')
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('ends the doubt about an order that got no answer', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url, viewport: phone })
    try {
      await page.goto(`/orders/${shop.ids.unknown}`)
      await page.getByRole('button', { name: 'They never got it' }).click()
      await page.getByRole('status').filter({ hasText: 'is rejected' }).waitFor()
      expect((await getOrder(shop.ctx, { orderId: shop.ids.unknown })).status).toBe('rejected')
    } finally {
      await context.close()
    }
  })
})
