import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { type Context, Hono } from 'hono'
import { actorOfPrincipal } from '../../../access/principal.js'
import { InputError, isExpectedError } from '../../../platform/errors.js'
import { findLists } from '../../../stock/lists.js'
import { noteAudit, noteRefusal } from '../../security/audit-writes.js'
import { principalOf } from '../../security/principal-of.js'
import { sentence } from '../act.js'
import { setFlash } from '../flash.js'
import { type FormFields, readForm } from '../form-fields.js'
import { type PageParts, show } from '../page-parts.js'
import { withQuery } from '../parts.js'
import { ChooseFile, kindWords, ShowPreview } from './import-page.js'
import { applyImport, type ImportFile, type ImportKind, type ImportPreview, previewImport } from './preview-import.js'

const maxFileBytes = 4 * 1024 * 1024
const pack = promisify(deflateRaw)
const unpack = promisify(inflateRaw)

export function importPages(parts: PageParts): Hono {
  const { ctx } = parts
  const pages = new Hono()
  for (const kind of ['items', 'suppliers', 'catalog'] as const) {
    const { title, path, back } = kindWords[kind]
    const choose = async (c: Context, list: string | null, problem: string | null) => {
      const lists = await findLists(ctx)
      const children = <ChooseFile kind={kind} lists={lists} list={list} problem={problem} />
      return show(parts, c, { title, here: back[0], children }, problem === null ? 200 : 422)
    }
    const preview = async (c: Context, file: ImportFile, found: ImportPreview, isStale: boolean) => {
      const packed = (await pack(file.bytes)).toString('base64')
      const props = { kind, preview: found, packed, fileName: file.fileName, list: file.list, isStale }
      return show(parts, c, { title, here: back[0], children: <ShowPreview {...props} /> }, isStale ? 409 : 200)
    }
    pages.get(path, (c) => choose(c, c.req.query('list') || null, null))
    pages.post(path, async (c) => {
      const form = await readForm(c)
      const list = form.optional('list')
      const isApplied = form.optional('packed') !== null
      noteAudit(c, { action: `${isApplied ? 'import' : 'previewImport'}:${kind}`, subject: list })
      try {
        const file = await readFile(kind, form, actorOfPrincipal(principalOf(c)))
        if (!isApplied) return await preview(c, file, await previewImport(ctx, file), false)
        const { isDone, preview: found } = await applyImport(ctx, file, form.text('digest'))
        if (!isDone) return await preview(c, file, found, true)
        const { created, updated } = found.counts
        setFlash(c, { tone: 'good', text: `Imported: ${created} new, ${updated} changed.` })
        return c.redirect(withQuery(back[0], { list: kind === 'items' ? list : null }), 303)
      } catch (error) {
        if (!isExpectedError(error)) throw error
        noteRefusal(c, error)
        return choose(c, list, sentence(error.message))
      }
    })
  }
  return pages
}

/** As it was chosen, or as the page of the preview carries it. */
async function readFile(kind: ImportKind, form: FormFields, actor: string): Promise<ImportFile> {
  const list = form.optional('list')
  const packed = form.optional('packed')
  if (packed !== null) {
    const bytes = await unpack(Buffer.from(packed, 'base64'), { maxOutputLength: maxFileBytes }).catch(() => null)
    if (bytes === null) throw new InputError('The file did not come through whole; choose it again.')
    return { kind, bytes, fileName: form.text('fileName'), list, actor }
  }
  const file = form.file('file')
  if (file === null) throw new InputError('Choose a CSV file.')
  if (file.size > maxFileBytes) throw new InputError('The file is larger than 4 MB; split it up.')
  return { kind, bytes: new Uint8Array(await file.arrayBuffer()), fileName: file.name.slice(0, 200), list, actor }
}
