import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToken } from '../../src/access/tokens.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { addOffer } from '../../src/purchasing/catalog/add-offer.js'
import { addSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { addItem } from '../../src/stock/add-item.js'
import { addList } from '../../src/stock/lists.js'
import { recordUse } from '../../src/stock/record-use.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { chromiumPath, launchBrowser, openPage, overflowOf, phone } from '../helpers/browser.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { buildOutcomeItem, buildOutcomeOrder, finishedRun, localWeb, openTestQueue } from '../helpers/web.js'

/** As long as names may be where they are typed in; runs of foreign servers may bring far longer ones. */
const hostile: readonly (readonly [what: string, name: string])[] = [
  ['markup', '<script>document.title="owned"</script><img src=x onerror="document.title=1">'],
  ['a closed attribute', '"><svg onload=document.title=2> \' autofocus onfocus=alert(1) x="'],
  ['templates', '{{constructor.constructor("document.title=3")()}} ${document.title} <%= 7*7 %> {{7*7}}'],
  ['right-to-left text', 'حليب \u202Etxt.exe שוקולד'],
  ['one long word', 'x'.repeat(190)],
  ['htmx attributes', '<div hx-get="/limits" hx-trigger="load" data-live="/events/x">hi</div>'],
]
const veryLong = '<b>long</b>'.padEnd(10_000, 'y')

describe.skipIf(chromiumPath === null)('names that mean harm', () => {
  let database: TestDatabase
  let queue: JobQueue
  let web: RunningWeb
  let browser: Browser
  const paths: string[] = [
    '/',
    '/items?list=list-0',
    '/runs',
    '/suppliers',
    '/orders',
    '/settings',
    '/settings/tokens',
    '/limits?list=list-0',
  ]
  beforeAll(async () => {
    database = await createTestDatabase()
    queue = openTestQueue(database)
    const { ctx } = database
    for (const [index, [, name]] of hostile.entries()) {
      const list = `list-${index}`
      await addList(ctx, { id: list, name: name.slice(0, 100), currency: 'EUR', timeZone: 'Europe/Berlin' })
      const { itemId } = await addItem(ctx, {
        list,
        name,
        unit: name.slice(0, 30),
        reorderPoint: 5,
        orderUpTo: 9,
        notes: name,
        category: name.slice(0, 90),
      })
      await recordUse(ctx, { item: itemId, quantity: 1, note: name, actor: name.slice(0, 60) })
      await addSupplier(ctx, {
        id: `supplier-${index}`,
        name: name.slice(0, 110),
        currency: 'EUR',
        channel: 'simulated',
      })
      await addOffer(ctx, { supplierId: `supplier-${index}`, name, unit: 'pcs', packQuantity: 1, price: '1.00' })
      const run = await finishedRun(ctx, list, {
        items: [
          buildOutcomeItem({ itemId, name, reason: name, unit: name.slice(0, 30) }),
          buildOutcomeItem({ itemId: 'itm_far', name: veryLong, reason: veryLong }),
        ],
        orders: [buildOutcomeOrder({ supplier: name })],
        summary: `${name} ${veryLong}`,
      })
      paths.push(`/items?list=${list}`, `/items/${itemId}`, `/items/${itemId}/edit`, `/runs/${run}`)
      await addToken(ctx, { name: `token-${index}`, scopes: ['read'], by: name.slice(0, 60), days: null })
      paths.push(`/suppliers/supplier-${index}`, `/suppliers/supplier-${index}/edit`)
      paths.push(`/catalog?q=${encodeURIComponent(name.slice(0, 60))}`)
      paths.push(`/items?list=${list}&q=${encodeURIComponent(name.slice(0, 60))}`)
    }
    web = await startWeb({ ctx, queue, config: { web: localWeb } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await web?.close()
    await queue?.close()
    await database?.drop()
  })

  it('are shown as text on every page, run nothing, ask for nothing and break no layout', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: web.url, viewport: phone })
    try {
      let shown = 0
      for (const path of paths) {
        await page.goto(path, { waitUntil: 'load' })
        expect([path, await overflowOf(page)]).toEqual([path, 0])
        expect(await page.title()).not.toMatch(/^(owned|[123])$/)
        // Nothing of what was brought in has become an element or an attribute of one.
        const strangers =
          'main :is(script, b, svg:not(.bar), [onload], [onerror], [onfocus], [autofocus], div[hx-get="/limits"])'
        expect([path, await page.locator(strangers).count()]).toEqual([path, 0])
        const text = await page.evaluate<string>('document.querySelector("main").textContent')
        shown += hostile.filter(([, name]) => text.includes(name.slice(0, 60))).length
        expect([path, complaints]).toEqual([path, []])
      }
      expect(shown).toBeGreaterThan(paths.length)
    } finally {
      await context.close()
    }
  }, 180_000)

  it.each(hostile)('stand in their fields as they are: %s', async (_what, name) => {
    const { page, context, complaints } = await openPage(browser, { baseURL: web.url })
    try {
      const index = hostile.findIndex(([, each]) => each === name)
      await page.goto(`/items?list=list-${index}`)
      await page.locator('table a').first().click()
      await page.getByRole('link', { name: 'Edit' }).click()
      expect(await page.locator('input[name=name]').inputValue()).toBe(name)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('status').filter({ hasText: 'It was like that already.' }).waitFor()
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })
})
