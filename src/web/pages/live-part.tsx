import type { Child } from 'hono/jsx'

/** The part of a page that is asked for again, at `path`, when what its `data-live` follows has changed. */
export function LivePart({ path, children }: { path: string; children?: Child }) {
  return (
    <div
      id="live"
      hx-get={path}
      hx-select="#live"
      hx-swap="outerHTML"
      hx-trigger="restock:changed from:closest [data-live]"
    >
      {children}
    </div>
  )
}
