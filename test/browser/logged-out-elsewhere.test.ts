import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { addList } from '../../src/stock/lists.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { chromiumPath, launchBrowser, openPage } from '../helpers/browser.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { finishedRun, localWeb, openTestQueue } from '../helpers/web.js'

const password = 'correct horse'

describe.skipIf(chromiumPath === null)('a page that is left open', () => {
  let database: TestDatabase
  let queue: JobQueue
  let web: RunningWeb
  let browser: Browser
  beforeAll(async () => {
    database = await createTestDatabase()
    queue = openTestQueue(database)
    await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
    await finishedRun(database.ctx, 'cafe')
    web = await startWeb({ ctx: database.ctx, queue, config: { web: { ...localWeb, password } } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await web?.close()
    await queue?.close()
    await database?.drop()
  })

  it('shows nothing any more once its session has ended in another tab, and comes back after the next login', async () => {
    const { page, context } = await openPage(browser, { baseURL: web.url })
    try {
      const login = async () => {
        await page.getByLabel('Password').fill(password)
        await page.getByRole('button', { name: 'Log in' }).click()
      }
      await page.goto('/runs')
      await login()
      await page.getByText('North Dairy').waitFor()
      const other = await context.newPage()
      await other.goto('/')
      await other.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Log out' }).click()
      await page.waitForURL('**/login?next=%2Fruns')
      expect(await page.getByText('North Dairy').count()).toBe(0)
      await login()
      await page.getByText('North Dairy').waitFor()
      expect(new URL(page.url()).pathname).toBe('/runs')
    } finally {
      await context.close()
    }
  })
})
