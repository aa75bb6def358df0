import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAudit } from '../../src/access/audit.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { addOffer } from '../../src/purchasing/catalog/add-offer.js'
import { addSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { exportSuppliers } from '../../src/purchasing/catalog/export-csv.js'
import { findSuppliers } from '../../src/purchasing/catalog/find-suppliers.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { searchCatalog } from '../../src/purchasing/catalog/search-catalog.js'
import { addList } from '../../src/stock/lists.js'
import { placeOne } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue })
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})
afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

let counter = 0
async function supplier(terms: Partial<Parameters<typeof addSupplier>[1]> = {}): Promise<string> {
  const { id } = await addSupplier(database.ctx, {
    id: `north-${++counter}`,
    name: 'North Dairy',
    currency: 'EUR',
    taxRate: '0.07',
    shippingFee: '6.50',
    freeShippingOver: '80',
    minimumOrder: '20',
    leadTimeDays: 2,
    channel: 'simulated',
    ...terms,
  })
  return id
}

/** What stands in the form of a supplier, as a browser would send it. */
async function formOf(id: string): Promise<Record<string, string>> {
  const page = await (await web.request(`/suppliers/${id}/edit`)).text()
  const form = page.slice(page.indexOf(`action="/suppliers/${id}/edit"`))
  const values: Record<string, string> = {}
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(tag)?.[1] ?? ''
    if (/type="checkbox"/.test(tag) && !/ checked/.test(tag)) continue
    values[name] = / value="([^"]*)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? ''
  }
  values.channel = /<option value="([^"]*)" selected/.exec(form)?.[1] ?? ''
  return values
}

const send = (id: string, form: Readonly<Record<string, string>>) =>
  web.request(`/suppliers/${id}/edit`, { method: 'POST', body: new URLSearchParams(form) })

async function urlOf(id: string): Promise<string | null> {
  const row = await database.ctx.db
    .selectFrom('purchasing.suppliers')
    .select('url')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.url
}

describe('the page that edits a supplier', () => {
  it('shows its terms as they are, and sent back like that changes nothing', async () => {
    const id = await supplier()
    expect(await (await web.request(`/suppliers/${id}`)).text()).toContain(`href="/suppliers/${id}/edit"`)
    const form = await formOf(id)
    expect(form).toEqual({
      name: 'North Dairy',
      currency: 'EUR',
      channel: 'simulated',
      taxPercent: '7',
      shippingFee: '6.50',
      freeShippingOver: '80.00',
      minimumOrder: '20.00',
      leadTimeDays: '2',
      url: '',
      email: '',
      isActive: 'yes',
    })
    const before = await exportSuppliers(database.ctx)
    database.clock.advance(60_000)
    const response = await send(id, form)
    expect([response.status, response.headers.get('location')]).toEqual([303, `/suppliers/${id}`])
    expect(await exportSuppliers(database.ctx)).toBe(before)
  })

  it('changes everything that an import may, and notes who did', async () => {
    const id = await supplier()
    const response = await send(id, {
      name: 'Nordmilch',
      currency: 'chf',
      channel: 'email',
      taxPercent: '2,6',
      shippingFee: '9,90',
      freeShippingOver: '',
      minimumOrder: '',
      leadTimeDays: '4',
      url: 'https://nord.example/orders',
      email: 'orders@nord.example',
      isActive: 'yes',
    })
    expect(response.status).toBe(303)
    expect((await findSuppliers(database.ctx)).find((each) => each.id === id)).toMatchObject({
      name: 'Nordmilch',
      currency: 'CHF',
      channel: 'email',
      taxRate: 0.026,
      shippingFeeMinor: 990,
      freeShippingOverMinor: null,
      minimumOrderMinor: 0,
      leadTimeDays: 4,
      url: 'https://nord.example/orders',
      email: 'orders@nord.example',
      isActive: true,
    })
    const [entry] = await findAudit(database.ctx, { subject: id, limit: 1 })
    expect(entry).toMatchObject({ action: 'editSupplier', result: 'done', actorKind: 'local' })
  })

  it.each([
    [{ name: '' }, 'needs a name'],
    [{ currency: 'EURO' }, 'Currency'],
    [{ channel: 'http' }, 'URL'],
    [{ channel: 'email' }, 'E-mail'],
    [{ channel: 'pigeon' }, 'how orders get there'],
    [{ taxPercent: '100' }, 'Tax rate'],
    [{ taxPercent: 'much' }, 'Tax'],
    [{ shippingFee: '-1' }, 'Shipping fee'],
    [{ minimumOrder: '1.234' }, 'Minimum order'],
    [{ leadTimeDays: '1.5' }, 'lead time'],
    [{ leadTimeDays: '366' }, 'lead time'],
    [{ url: 'http://shop.example' }, 'https://'],
    [{ url: `https://shop.example/${'x'.repeat(500)}` }, '500'],
    [{ email: 'nobody' }, 'E-mail'],
  ])(
    'refuses %j as the import does, says which field, and loses nothing that was filled in',
    async (wrong, message) => {
      const id = await supplier()
      const before = await exportSuppliers(database.ctx)
      const response = await send(id, { ...(await formOf(id)), name: 'Changed', ...wrong })
      const page = await response.text()
      expect(response.status).toBe(422)
      expect(/<p class="notice bad" role="alert">([^<]*)</.exec(page)?.[1]).toContain(message)
      if (!('name' in wrong)) expect(page).toContain('value="Changed"')
      expect(await exportSuppliers(database.ctx)).toBe(before)
      const [entry] = await findAudit(database.ctx, { subject: id, limit: 1 })
      expect(entry).toMatchObject({ action: 'editSupplier', result: 'refused' })
    },
  )

  it('takes one out of buying and back again; what is known of it stays', async () => {
    const { ctx } = database
    const id = await supplier()
    await addOffer(ctx, {
      supplierId: id,
      name: 'Quark 500 g',
      unit: 'kg',
      packQuantity: 0.5,
      price: '1.20',
      sku: 'Q5',
    })
    const found = async () => (await searchCatalog(ctx, [{ text: 'Quark', limit: 5 }]))[0]?.products.length
    expect(await found()).toBe(1)
    const { isActive: _, ...form } = await formOf(id)
    expect((await send(id, form)).status).toBe(303)
    expect((await findSuppliers(ctx)).map((each) => each.id)).not.toContain(id)
    expect(await found()).toBe(0)
    await expect(placeOne(ctx, id)).rejects.toThrow('supplier_not_available')
    expect(await (await web.request(`/suppliers/${id}`)).text()).toContain('not bought from')
    const all = await (await web.request('/suppliers')).text()
    expect(all.slice(all.indexOf('Not bought from'))).toContain(`href="/suppliers/${id}"`)
    // Its terms can be put right meanwhile, which doesn't bring it back.
    expect((await send(id, { ...(await formOf(id)), shippingFee: '7' })).status).toBe(303)
    expect((await findSuppliers(ctx)).map((each) => each.id)).not.toContain(id)
    const shown = await formOf(id)
    expect(shown).toMatchObject({ shippingFee: '7.00' })
    expect(shown).not.toHaveProperty('isActive')
    expect((await send(id, { ...shown, isActive: 'yes' })).status).toBe(303)
    expect(await found()).toBe(1)
    expect(await placeOne(ctx, id)).toMatch(/^ord_/)
  })

  it('is not there for a supplier that is not there', async () => {
    expect((await web.request('/suppliers/nobody/edit')).status).toBe(404)
    expect((await send('nobody', await formOf(await supplier()))).status).toBe(404)
  })
})

describe('the API', () => {
  const patch = async (id: string, body: object) => {
    const response = await web.request(`/api/suppliers/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: await response.json() }
  }

  it('changes what is given of a supplier and leaves the rest', async () => {
    const id = await supplier()
    expect(await patch(id, { shippingFee: '4.90' })).toEqual({ status: 200, body: { id, isChanged: true } })
    expect(await patch(id, { shippingFee: '4.9' })).toEqual({ status: 200, body: { id, isChanged: false } })
    const [found] = (await findSuppliers(database.ctx)).filter((each) => each.id === id)
    expect(found).toMatchObject({ name: 'North Dairy', shippingFeeMinor: 490, minimumOrderMinor: 2000, isActive: true })
    expect((await patch(id, { isActive: false })).body).toMatchObject({ isChanged: true })
    expect((await findSuppliers(database.ctx)).map((each) => each.id)).not.toContain(id)
    expect((await patch(id, { freeShippingOver: null })).status).toBe(200)
    expect((await findSuppliers(database.ctx)).map((each) => each.id)).not.toContain(id)
  })

  it('takes a new currency with its amounts alone, and knows who is not there', async () => {
    const id = await supplier()
    expect(await patch(id, { currency: 'CHF' })).toMatchObject({
      status: 422,
      body: { detail: 'Currency: state shippingFee, freeShippingOver, minimumOrder in CHF with it.' },
    })
    const amounts = { shippingFee: '7', freeShippingOver: null, minimumOrder: '0' }
    expect((await patch(id, { currency: 'CHF', ...amounts })).status).toBe(200)
    expect((await patch('nobody', { name: 'Nobody' })).status).toBe(404)
  })
})

describe('what one logs in with at a supplier', () => {
  const url = 'https://shop:s3cret@orders.example/v1'
  const login = () => supplier({ channel: 'http', url })

  it('is shown nowhere, and stays when the form comes back', async () => {
    const id = await login()
    for (const path of [`/suppliers/${id}`, `/suppliers/${id}/edit`, '/api/suppliers?limit=200', '/suppliers']) {
      const text = await (await web.request(path)).text()
      expect([path, text.includes('s3cret'), text.includes('shop:')]).toEqual([path, false, false])
    }
    const form = await formOf(id)
    expect(form.url).toBe('https://***@orders.example/v1')
    expect((await send(id, { ...form, shippingFee: '5' })).status).toBe(303)
    expect(await urlOf(id)).toBe(url)
    expect((await send(id, { ...form, url: 'https://***@orders.example/v2' })).status).toBe(303)
    expect(await urlOf(id)).toBe('https://shop:s3cret@orders.example/v2')
  })

  it('is sent to no other address, and is replaced or dropped when somebody says so', async () => {
    const id = await login()
    const form = await formOf(id)
    for (const other of [
      'https://***@evil.example/v1',
      'https://***@orders.example:8443/v1',
      'https://***:x@orders.example/v1',
    ]) {
      const response = await send(id, { ...form, url: other })
      expect([other, response.status, await urlOf(id)]).toEqual([other, 422, url])
      expect(await response.text()).not.toContain('s3cret')
    }
    expect((await send(id, { ...form, url: 'https://me:n3w@orders.example/v1' })).status).toBe(303)
    expect(await urlOf(id)).toBe('https://me:n3w@orders.example/v1')
    expect((await send(id, { ...form, url: 'https://orders.example/v1' })).status).toBe(303)
    expect(await urlOf(id)).toBe('https://orders.example/v1')
  })

  it('can’t be imported as it is shown', async () => {
    const bytes = Buffer.from('id,name,currency,channel,url\nshown,Shown,EUR,http,https://***@orders.example/v1\n')
    await expect(importSuppliers(database.ctx, { bytes, fileName: 'suppliers.csv' })).rejects.toThrow(
      /line 2.*url.*anew/,
    )
  })
})
