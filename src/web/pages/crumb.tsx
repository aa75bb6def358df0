import type { Child } from 'hono/jsx'

/** Where the page belongs, above its heading. */
export function Crumb({ href, children }: { href: string; children?: Child }) {
  return (
    <p class="crumb">
      <a href={href}>{children}</a>
    </p>
  )
}
