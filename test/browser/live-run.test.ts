import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { finishRun, saveSnapshot } from '../../src/runs/finish-run.js'
import { recordStep } from '../../src/runs/run-steps.js'
import { chromiumPath, launchBrowser, openPage } from '../helpers/browser.js'
import { buildOutcomeItem } from '../helpers/web.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

describe.skipIf(chromiumPath === null)('a run that is at work', () => {
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

  it('is watched to its end without loading the page again, and what was opened stays open', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url })
    const { ctx } = shop
    try {
      const { id: runId } = await createRun(ctx, { list: 'cafe' })
      await page.goto(`/runs/${runId}`)
      await page.evaluate('window.sameDocument = true')
      const status = page.locator('#live .head [role=status]')
      expect(await status.innerText()).toBe('pending')

      const claim = await claimRun(ctx, { runId, workerId: 'test', leaseMs: 60_000 })
      if (claim.kind !== 'claimed') throw new Error(`the run is ${claim.kind}`)
      const held = { runId, epoch: claim.run.epoch }
      await status.filter({ hasText: 'running' }).waitFor()

      const asOf = ctx.clock.now().toISOString()
      const snapshot = { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', asOf, items: [] }
      await saveSnapshot(ctx, { ...held, snapshot })
      await recordStep(ctx, { ...buildStep(held, 1), request: { arguments: { queries: ['oat milk'] } } })
      await page.getByText('search_catalog').waitFor()
      await page.getByText('Arguments').first().click()
      await page.getByText('"oat milk"').waitFor()
      await recordStep(ctx, buildStep(held, 2))
      await page.locator('.steps > li').nth(1).waitFor()
      expect(await page.getByText('"oat milk"').isVisible()).toBe(true)

      await finishRun(ctx, {
        ...held,
        outcome: {
          model: 'rules',
          usage: { modelCalls: 1, inputTokens: 10, outputTokens: 5 },
          items: [buildOutcomeItem()],
          orders: [],
          summary: 'cafe: 1 item due: 1 ordered.',
        },
      })
      await status.filter({ hasText: 'completed' }).waitFor()
      await page.getByText('ordered 6 packs of 6 l from North Dairy').waitFor()
      expect(await page.evaluate('window.sameDocument')).toBe(true)
      expect(await page.locator('[data-live]').count()).toBe(0)
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('appears among the runs and on the overview by itself', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: shop.url })
    try {
      for (const path of ['/runs', '/']) {
        await page.goto(path)
        await page.evaluate('window.sameDocument = true')
        const { id } = await createRun(shop.ctx, { list: 'cafe', dryRun: true })
        await page.locator(`a[href="/runs/${id}"]`).first().waitFor()
        expect(await page.evaluate('window.sameDocument')).toBe(true)
        await shop.ctx.db.deleteFrom('restock.runs').where('id', '=', id).execute()
      }
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })

  it('walks through what a run did, step by step', async () => {
    const { page, context } = await openPage(browser, { baseURL: shop.url })
    try {
      await page.goto(`/runs/${shop.ids.run}`)
      const steps = await page.locator('.steps > li').count()
      expect(steps).toBeGreaterThan(3)
      await page.getByRole('link', { name: 'Replay' }).click()
      for (let at = 1; at < steps; at++) {
        await page.getByRole('heading', { name: `Replay, step ${at} of ${steps}` }).waitFor()
        await page.getByRole('link', { name: 'Next step' }).click()
      }
      await page.getByRole('heading', { name: `Replay, step ${steps} of ${steps}` }).waitFor()
      expect(await page.getByRole('link', { name: 'Next step' }).count()).toBe(0)
    } finally {
      await context.close()
    }
  })
})

function buildStep(held: { readonly runId: string; readonly epoch: number }, step: number) {
  return {
    ...held,
    step,
    kind: 'tool' as const,
    name: 'search_catalog',
    journal: null,
    isWrite: false,
    request: { arguments: {} },
    response: { structuredContent: { found: step } },
    error: null,
    inputTokens: 0,
    outputTokens: 0,
    startedAt: new Date(),
    durationMs: 12,
  }
}
