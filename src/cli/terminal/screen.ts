import { createStyle, type Style } from './style.js'
import { plainText, type TableSpace } from './table.js'
import { displayWidth, wrapToWidth } from './text-width.js'

/** Where text for a person goes, and how wide and how colourful it may be. */
export interface Screen {
  readonly style: Style
  readonly space: TableSpace
  /** Others' text with a head before it, wrapped beside that head on a terminal: '  low  Milk: 2 l left'. */
  beside(head: string, text: string, looks?: Looks): string[]
}

interface Looks {
  readonly head?: (text: string) => string
  readonly text?: (text: string) => string
}

const narrowest = 20

export function createScreen(space: TableSpace): Screen {
  const style = createStyle({ isTerminal: space.isTerminal, env: space.env ?? {} })
  return {
    style,
    space,
    beside(head, text, looks = {}) {
      const { head: headLook = same, text: textLook = same } = looks
      const indent = displayWidth(head)
      const room = space.isTerminal ? Math.max(narrowest, space.columns - indent) : Number.POSITIVE_INFINITY
      return wrapToWidth(plainText(text), room).map(
        (line, at) => (at === 0 ? headLook(head) : ' '.repeat(indent)) + textLook(line),
      )
    },
  }
}

/** The first few, and how many more there are and which command shows them. */
export function firstOf<Row>(
  rows: readonly Row[],
  most: number,
  total: number,
  more: string,
): { readonly shown: readonly Row[]; readonly rest: string | null } {
  const shown = rows.slice(0, most)
  const rest = total - shown.length
  return { shown, rest: rest > 0 ? `and ${rest} more: ${more}` : null }
}

function same(text: string): string {
  return text
}
