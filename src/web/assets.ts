import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { type BrotliOptions, brotliCompress, constants, gzip } from 'node:zlib'
import { type Context, Hono } from 'hono'
import { clientScript } from './assets/client-script.js'
import { libraryFile } from './assets/library-files.js'
import { stylesheet } from './assets/stylesheet.js'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f6f5c"/><path d="M8 13h16v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2zM6 8h20v4H6z" fill="#fff"/><path d="M13 17h6" stroke="#1f6f5c" stroke-width="2.5" stroke-linecap="round"/></svg>`

interface Asset {
  readonly path: string
  readonly type: string
  readonly text: string
}

const css = 'text/css; charset=utf-8'
const js = 'text/javascript; charset=utf-8'

const styles = named('restock.css', css, `${libraryFile('@picocss/pico/css/pico.min.css')}\n${stylesheet}`)
const chartStyles = named('uplot.css', css, libraryFile('uplot/dist/uPlot.min.css'))
const htmx = named('htmx.js', js, libraryFile('htmx.org/dist/htmx.min.js'))
const chartScript = named('uplot.js', js, libraryFile('uplot/dist/uPlot.iife.min.js'))
const script = named('restock.js', js, clientScript)

/** Changes with its content, so that browsers may keep it. */
function named(name: string, type: string, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return { path: `/assets/${name.replace(/(?=\.\w+$)/, `.${hash}`)}`, type, text }
}

export const stylesheetPath = styles.path
export const iconPath = '/assets/icon.svg'
/** In the order in which they are to run. */
export const scriptPaths: readonly string[] = [htmx.path, script.path]
export const chartPaths = { script: chartScript.path, stylesheet: chartStyles.path }

const assets: readonly Asset[] = [styles, chartStyles, htmx, chartScript, script]

export function createAssets(): Hono {
  const app = new Hono()
  for (const asset of assets) app.get(asset.path, serve(asset, 'private, max-age=31536000, immutable'))
  app.get(iconPath, serve({ path: iconPath, type: 'image/svg+xml', text: icon }, 'private, max-age=86400'))
  return app
}

// The best quality takes most of a second for a few hundred bytes less.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 8 } }
const encoders = {
  br: (bytes: Buffer) => promisify<Buffer, BrotliOptions, Buffer>(brotliCompress)(bytes, brotliOptions),
  gzip: (bytes: Buffer) => promisify<Buffer, Buffer>(gzip)(bytes),
}

/** Compressed on first use, once for each way that a browser takes it. */
function serve({ type, text }: Asset, cacheControl: string) {
  const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  return async (c: Context) => {
    const headers = { 'Content-Type': type, 'Cache-Control': cacheControl, Vary: 'Accept-Encoding' }
    const accepted = c.req.header('accept-encoding') ?? ''
    const encoding = (['br', 'gzip'] as const).find((name) => accepted.includes(name))
    if (encoding === undefined) return c.body(text, 200, headers)
    let body = compressed.get(encoding)
    if (body === undefined) {
      body = encoders[encoding](Buffer.from(text)).then((bytes) => new Uint8Array(bytes))
      compressed.set(encoding, body)
    }
    return c.body(await body, 200, { ...headers, 'Content-Encoding': encoding })
  }
}
