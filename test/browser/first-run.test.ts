import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/paths.js'
import { chromiumPath, launchBrowser, openPage, type WatchedPage } from '../helpers/browser.js'
import { type RestockProcess, removeData, startRestock } from '../helpers/restock-process.js'

/** `restock up` in an empty folder, and all that a newcomer does next, in one browser. */
describe.skipIf(chromiumPath === null)('a newcomer', () => {
  const folder = join(tmpdir(), `restock-browser-${randomBytes(4).toString('hex')}`)
  let up: RestockProcess
  let browser: Browser
  let watched: WatchedPage
  beforeAll(async () => {
    await mkdir(folder)
    up = startRestock(['up', '--data-dir', join(folder, 'data')], { cwd: folder, env: { RESTOCK_WEB_PORT: '0' } })
    const [, baseURL = ''] = await up.says(/Dashboard {2}(\S+)/, 60_000)
    browser = await launchBrowser()
    watched = await openPage(browser, { baseURL })
    watched.page.setDefaultTimeout(50_000)
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    up?.child.kill('SIGTERM')
    await up?.ended
    await removeData(folder)
  })

  it('is welcomed, sets up a list from CSV files, and sees what is low', async () => {
    const { page, complaints } = watched
    await page.goto('/')
    await page.getByRole('heading', { name: 'Welcome to Restock' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('Corner Café')
    await page.getByLabel('Id', { exact: true }).fill('Not An Id')
    await page.getByLabel('Time zone', { exact: true }).fill('Europe/Berlin')
    await page.getByRole('button', { name: 'Set it up' }).click()
    // What was wrong is said, and nothing that was filled in is lost.
    await page.getByRole('alert').filter({ hasText: 'can’t name a list' }).waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Corner Café')
    // The browser itself tells of answers that are not 2xx.
    complaints.length = 0

    await page.getByLabel('Id', { exact: true }).fill('cafe')
    await page.getByLabel('Ask me above', { exact: true }).fill('300')
    const example = (name: string) => join(packageRoot, 'examples', 'cafe', name)
    await page.getByLabel('Items', { exact: true }).setInputFiles(example('items.csv'))
    await page.getByLabel('Suppliers', { exact: true }).setInputFiles(example('suppliers.csv'))
    await page.getByLabel('Catalog', { exact: true }).setInputFiles(example('catalog.csv'))
    await page.getByRole('button', { name: 'Set it up' }).click()
    await page.getByRole('status').filter({ hasText: 'is set up with 63 items' }).waitFor()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(await page.locator('a.tile').first().innerText()).toMatch(/^45\s+to buy now/)
    expect(complaints).toEqual([])
  })

  it('starts a run, watches it to its end, and sees what it ordered and why', async () => {
    const { page, complaints } = watched
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.waitForURL('**/runs/run_*')
    await page.evaluate('window.sameDocument = true')
    await page.locator('#live .head [role=status]').filter({ hasText: 'completed' }).waitFor()
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    await page.getByText('How it came about').first().click()
    await page
      .getByText(/position: .* on hand/)
      .first()
      .waitFor()
    expect(await page.getByRole('heading', { name: 'Orders', exact: true }).count()).toBe(1)
    expect(complaints).toEqual([])
  })

  it('goes from the run to its job in the queue, and from the job to the run', async () => {
    const { page, complaints } = watched
    const runUrl = page.url()
    await page.locator('a[href^="/queues/queue/replenish/"]').click()
    await page.waitForURL('**/queues/queue/replenish/**')
    const back = page.locator(`a[href$="${new URL(runUrl).pathname}"]`).first()
    await back.waitFor()
    expect(complaints).toEqual([])
    // The board opens such links in a tab of its own.
    const href = await back.getAttribute('href')
    await page.goto(href ?? '')
    await page.getByRole('heading', { name: 'Run of cafe' }).waitFor()
    expect(page.url()).toBe(runUrl)
  })

  it('makes a schedule with a preview that follows what is typed, runs it, and pauses it', async () => {
    const { page, complaints } = watched
    await page.goto('/schedules/new')
    await page.getByLabel('Name', { exact: true }).fill('cafe-mondays')
    const preview = page.locator('#preview')
    expect(await preview.locator('time').count()).toBe(5)
    await page.getByLabel('When', { exact: true }).fill('30 7 * * 1')
    await preview.getByText('At 07:30, only on Monday').waitFor()
    const times = await preview.locator('time').allInnerTexts()
    expect(times).toHaveLength(5)
    for (const time of times) expect(time).toMatch(/^Mon \d{4}-\d\d-\d\d 07:30 \(GMT\+[12]\)$/)
    await page.getByLabel('When', { exact: true }).fill('61 * * * *')
    await preview.getByText('is not a cron expression').waitFor()
    await page.getByLabel('When', { exact: true }).fill('30 7 * * 1')
    await preview.getByText('At 07:30, only on Monday').waitFor()
    await page.getByRole('button', { name: 'Make the schedule' }).click()
    await page.getByRole('heading', { name: 'cafe-mondays' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('At 07:30, only on Monday')

    await page.getByRole('button', { name: 'Run now', exact: true }).click()
    await page.waitForURL('**/runs/run_*')
    await page.locator('#live .head [role=status]').filter({ hasText: 'completed' }).waitFor()
    await page.getByRole('link', { name: 'cafe-mondays' }).click()
    await page.getByRole('button', { name: 'Pause: cafe-mondays' }).click()
    await page.getByRole('status').filter({ hasText: 'It is paused' }).waitFor()
    await page.getByText('It is paused: nothing runs until it is resumed.').first().waitFor()
    expect(await page.locator('main .badge').filter({ hasText: 'completed' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Resume: cafe-mondays' }).click()
    await page.getByRole('status').filter({ hasText: 'goes on with its next slot' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('counts an item, undoes it, and finds both in its history', async () => {
    const { page, complaints } = watched
    await page.goto('/items')
    await page.getByLabel('Find by name, sku or gtin').fill('whole milk')
    await page.waitForURL('**/items?*whole*')
    await page.getByRole('link', { name: 'Whole milk 3.5%' }).click()
    await page.getByLabel('Counted (l)', { exact: true }).fill('31,5')
    await page.getByRole('button', { name: 'Count', exact: true }).click()
    await page.getByRole('status').filter({ hasText: '31.5 l on hand (before: 20 l)' }).waitFor()
    await page.getByRole('button', { name: /^Undo/ }).first().click()
    await page.getByRole('status').filter({ hasText: 'Taken back: 20 l' }).waitFor()
    expect(await page.getByText('(undone)').count()).toBe(1)
    expect(complaints).toEqual([])
  })

  it('sees what a catalog file would change before it does, and that it did just that', async () => {
    const { page, complaints } = watched
    const csv = (price: string) =>
      `supplier,sku,name,unit,pack_quantity,price\nwolkenwiese,NEW-1,Buttermilk 12 x 1 l,l,12,${price}\n`
    const [supplier] =
      (await page.request.get('/suppliers').then((answer) => answer.text())).match(
        /(?<=\/suppliers\/)(?!new|import)[a-z-]+/,
      ) ?? []
    const file = (price: string) => ({
      name: 'catalog.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv(price).replace('wolkenwiese', supplier ?? '')),
    })
    await page.goto('/catalog/import')
    await page.getByLabel('CSV file', { exact: true }).setInputFiles(file('10.80'))
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByText('10.80 EUR').waitFor()
    expect(await page.locator('main').innerText()).toContain('1 new, 0 changed')
    expect(await page.request.get('/catalog?q=Buttermilk').then((answer) => answer.text())).not.toContain(
      'Buttermilk 12',
    )
    await page.getByRole('button', { name: 'Import 1 offer' }).click()
    await page.getByRole('status').filter({ hasText: 'Imported: 1 new, 0 changed.' }).waitFor()

    await page.goto('/catalog/import')
    await page.getByLabel('CSV file', { exact: true }).setInputFiles(file('11.90'))
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.locator('s', { hasText: '10.80 EUR' }).waitFor()
    await page.getByRole('button', { name: 'Import 1 offer' }).click()
    await page.goto('/catalog?q=Buttermilk')
    await page.getByRole('link', { name: 'Buttermilk 12 x 1 l' }).first().click()
    await page.locator('[data-chart] canvas').waitFor()
    expect(await page.locator('main').innerText()).toContain('+10.2 %')
    expect(complaints).toEqual([])
  })

  it('stops all buying at once, sees that on every page, and lets it go on', async () => {
    const { page, complaints } = watched
    await page.goto('/limits')
    await page.getByRole('button', { name: 'Pause all buying' }).click()
    for (const path of ['/', '/items', '/orders']) {
      await page.goto(path)
      await page.getByText('Buying is paused for every list').waitFor()
    }
    await page.getByRole('link', { name: 'Resume under Limits' }).click()
    await page.getByRole('button', { name: 'Resume buying for every list' }).click()
    await page.getByRole('status').filter({ hasText: 'Buying goes on' }).waitFor()
    expect(await page.getByText('Buying is paused for every list').count()).toBe(0)

    await page.getByText('Change the limits', { exact: true }).click()
    await page.getByLabel('Most a day', { exact: true }).fill('12x')
    await page.getByRole('button', { name: 'Save the limits' }).click()
    await page.getByRole('alert').filter({ hasText: 'per_day' }).waitFor()
    complaints.length = 0
    await page.getByLabel('Most a day', { exact: true }).fill('750')
    await page.getByRole('button', { name: 'Save the limits' }).click()
    await page.getByRole('status').filter({ hasText: 'saved' }).waitFor()
    expect(await page.getByRole('row', { name: /Most a day/ }).innerText()).toContain('750.00 EUR')
    expect(complaints).toEqual([])
  })

  it('asks for everything to be checked, and all is well', async () => {
    const { page, complaints } = watched
    await page.goto('/health')
    await page.getByRole('button', { name: 'Check everything now' }).click()
    await page.getByRole('status').filter({ hasText: 'All is well.' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('MCP server ordering')
    await page.goto('/settings/audit')
    expect(await page.locator('main').innerText()).toContain('setUpList')
    expect(complaints).toEqual([])
  })
})
