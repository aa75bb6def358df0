import { type Context, Hono } from 'hono'
import { addSupplier } from '../../../purchasing/catalog/add-supplier.js'
import { editSupplier, findEditableSupplier } from '../../../purchasing/catalog/edit-supplier.js'
import { findSuppliers } from '../../../purchasing/catalog/find-suppliers.js'
import { requireProduct } from '../../../purchasing/catalog/require-product.js'
import { searchCatalog } from '../../../purchasing/catalog/search-catalog.js'
import { actOrReturn, type Done } from '../act.js'
import { readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { pageNumber } from '../paging.js'
import { Catalog } from './catalog-page.js'
import { Product } from './product-page.js'
import {
  AddSupplier,
  EditSupplier,
  readEdited,
  readSupplier,
  type SupplierValues,
  supplierValues,
  valuesOfSupplier,
} from './supplier-form.js'
import { SupplierView } from './supplier-page.js'
import { findLinkedItems, findOfferPage, findOffersOfProduct, requireSupplier } from './supplier-queries.js'
import { Suppliers } from './suppliers-page.js'

const here = '/suppliers'

/** Suppliers and what they offer; `/suppliers/import` and `/catalog/import` belong to the imports. */
export function supplierPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()

  pages.get('/suppliers', async (c) => {
    const children = <Suppliers suppliers={await findSuppliers(ctx, { withInactive: true })} />
    return show(parts, c, { title: 'Suppliers', here, children })
  })

  const showNew = (c: Context, values: SupplierValues, problem: string | null) =>
    show(
      parts,
      c,
      { title: 'Add a supplier', here, children: <AddSupplier values={values} problem={problem} /> },
      problem === null ? 200 : 422,
    )
  pages.get('/suppliers/new', (c) => showNew(c, {}, null))
  pages.post('/suppliers/new', async (c) => {
    const form = await readForm(c)
    const add = async (): Promise<Done> => {
      const { id } = await addSupplier(ctx, readSupplier(form))
      return { said: 'It is a supplier now; import its catalog to order from it.', goTo: `/suppliers/${id}` }
    }
    return actOrReturn(c, { action: 'addSupplier', subject: form.text('id'), back: here }, add, (problem) =>
      showNew(c, supplierValues(form), problem),
    )
  })

  const showEdit = async (c: Context, id: string, values: SupplierValues | null, problem: string | null) => {
    const known = await findEditableSupplier(ctx, id)
    const { name } = known.terms
    const children = <EditSupplier id={id} name={name} values={values ?? valuesOfSupplier(known)} problem={problem} />
    return show(parts, c, { title: `Edit ${name}`, here, children }, problem === null ? 200 : 422)
  }
  pages.get('/suppliers/:id/edit', (c) => showEdit(c, c.req.param('id'), null, null))
  pages.post('/suppliers/:id/edit', async (c) => {
    const id = c.req.param('id')
    const form = await readForm(c)
    const edit = async (): Promise<Done> => {
      const { isChanged } = await editSupplier(ctx, id, readEdited(form))
      return { said: isChanged ? 'It is saved.' : 'It was like that already.', goTo: `/suppliers/${id}` }
    }
    return actOrReturn(c, { action: 'editSupplier', subject: id, back: here }, edit, (problem) =>
      showEdit(c, id, supplierValues(form), problem),
    )
  })

  pages.get('/suppliers/:id', async (c) => {
    const supplier = await requireSupplier(ctx, c.req.param('id'))
    const search = (c.req.query('q') ?? '').trim().slice(0, 200)
    const page = pageNumber(c)
    const { offers, hasMore } = await findOfferPage(ctx, { supplierId: supplier.id, search, page })
    const children = <SupplierView supplier={supplier} offers={offers} hasMore={hasMore} search={search} page={page} />
    return show(parts, c, { title: supplier.name, here, children })
  })

  pages.get('/catalog', async (c) => {
    const search = (c.req.query('q') ?? '').trim().slice(0, 200)
    const [found] = search === '' ? [] : await searchCatalog(ctx, [{ text: search, limit: 10 }])
    const children = <Catalog search={search} products={found?.products ?? []} />
    return show(parts, c, { title: 'Catalog', here, children })
  })

  pages.get('/catalog/:id', async (c) => {
    const { id, name } = await requireProduct(ctx, c.req.param('id'))
    const [offers, items] = await Promise.all([findOffersOfProduct(ctx, id), findLinkedItems(ctx, id)])
    const children = <Product name={name} offers={offers} items={items} now={ctx.clock.now()} />
    return show(parts, c, { title: name, here, hasCharts: true, children })
  })
  return pages
}
