import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { addList } from '../../src/stock/lists.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { chromiumPath, launchBrowser, openPage } from '../helpers/browser.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { localWeb, openTestQueue } from '../helpers/web.js'

const password = 'correct horse'

/** A page of somebody else, open in the browser of somebody who is logged in, or who needs no login. */
describe.skipIf(chromiumPath === null)('a page of another site', () => {
  let database: TestDatabase
  let queue: JobQueue
  let open: RunningWeb
  let guarded: RunningWeb
  let browser: Browser
  let evil: Server
  let evilUrl: string
  beforeAll(async () => {
    database = await createTestDatabase()
    queue = openTestQueue(database)
    await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
    open = await startWeb({ ctx: database.ctx, queue, config: { web: localWeb } })
    guarded = await startWeb({ ctx: database.ctx, queue, config: { web: { ...localWeb, password } } })
    evil = createServer((request, response) => {
      const target = new URL(request.url ?? '/', 'http://x').searchParams.get('target') ?? ''
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html><title>evil</title>
        <form id="post" method="post" action="${target}/runs"><input name="list" value="cafe"></form>
        <form id="login" method="post" action="${target}/login"><input name="password" value="${password}"></form>
        <a id="link" href="${target}/orders">look</a>`)
    })
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    evilUrl = `http://localhost:${(evil.address() as AddressInfo).port}`
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    evil?.close()
    await open?.close()
    await guarded?.close()
    await queue?.close()
    await database?.drop()
  })

  const runs = async () => (await database.db.selectFrom('restock.runs').select('id').execute()).length

  /** Same site, another port; and another site altogether. */
  it.each(['localhost', '127.0.0.1'])(
    'can do nothing and learn nothing where no login is needed: from %s',
    async (from) => {
      const { page, context } = await openPage(browser, { baseURL: open.url })
      try {
        await page.goto(`${evilUrl.replace('localhost', from)}/?target=${encodeURIComponent(open.url)}`)
        const before = await runs()
        const sent = await page.evaluate<string[]>(`Promise.all([
        ...['GET', 'HEAD', 'POST'].map((method) => fetch('${open.url}/runs', { method, mode: 'no-cors' })),
        fetch('${open.url}/api/runs', { method: 'POST', mode: 'no-cors', body: '{"list":"cafe"}' }),
      ].map((each) => each.then((answer) => answer.type, (error) => String(error))))`)
        // Answers that may not be read are opaque, or are not handed over at all.
        for (const each of sent) expect(each === 'opaque' || each.includes('TypeError')).toBe(true)
        const picture = await page.evaluate<string>(`new Promise((resolve) => {
        const image = new Image()
        image.onload = () => resolve('loaded')
        image.onerror = () => resolve('refused')
        image.src = '${open.url}/assets/icon.svg'
      })`)
        expect(picture).toBe('refused')
        const [answer] = await Promise.all([
          page.waitForResponse(
            (response) => response.url() === `${open.url}/runs` && response.request().isNavigationRequest(),
          ),
          page.evaluate(`document.getElementById('post').submit()`),
        ])
        expect(answer.status()).toBe(403)
        expect(await runs()).toBe(before)
      } finally {
        await context.close()
      }
    },
  )

  it('can do nothing with somebody else’s session, log nobody in, and link here', async () => {
    const { page, context } = await openPage(browser, { baseURL: guarded.url })
    try {
      await page.goto('/login')
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
      const evilPage = `${evilUrl}/?target=${encodeURIComponent(guarded.url)}`
      for (const [form, path] of [
        ['post', '/runs'],
        ['login', '/login'],
      ] as const) {
        await page.goto(evilPage)
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url() === `${guarded.url}${path}`),
          page.waitForURL(`${guarded.url}${path}`),
          page.evaluate(`document.getElementById('${form}').submit()`),
        ])
        expect([path, answer.status()]).toEqual([path, 403])
      }
      expect(await runs()).toBe(0)
      await page.goto(evilPage)
      await page.locator('#link').click()
      await page.getByRole('heading', { name: 'Orders' }).waitFor()
      // And from there on everything works as ever.
      await page.getByRole('link', { name: 'Runs', exact: true }).first().click()
      await page.getByRole('heading', { name: 'Runs' }).waitFor()
    } finally {
      await context.close()
    }
  })

  it('may be what a job is called: the queue dashboard shows it as text', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>{{7*7}}\u202e'
    const job = await queue.queues.replenish.add(
      hostile,
      { runId: hostile, [hostile]: hostile },
      { jobId: 'job-hostile' },
    )
    await job.log(hostile)
    const { page, context, complaints } = await openPage(browser, { baseURL: open.url })
    try {
      for (const path of ['/queues/queue/replenish', '/queues/queue/replenish/job-hostile']) {
        await page.goto(path)
        await page.getByText('{{7*7}}').first().waitFor()
        expect(await page.locator('#root :is(img[src="x"], script)').count()).toBe(0)
        expect(await page.title()).not.toMatch(/^[12]$/)
      }
      const tab = page.getByRole('button', { name: 'Logs' })
      if ((await tab.count()) > 0) await tab.first().click()
      const href = await page.locator('a[href^="/runs/"]').first().getAttribute('href')
      expect(href).toBe(`/runs/${encodeURIComponent(hostile)}`)
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })
})
