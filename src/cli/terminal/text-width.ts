const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u

/** Cells that a text takes on a terminal: two for East Asian characters and emoji, none for what only marks another. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7E]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text, or its beginning and "…" in so many cells. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  return `${beginning(text, width - 1).trimEnd()}…`
}

/** The text in lines of so many cells, broken between words; a word that is longer than a line is broken too. */
export function wrapToWidth(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (displayWidth(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (displayWidth(line) > width) {
      // A terminal of one cell still takes one character a line.
      const head = beginning(line, width) || (firstGrapheme(line) ?? line)
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return [...lines, line]
}

function beginning(text: string, width: number): string {
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment)
    if (used > width) break
    kept += segment
  }
  return kept
}

function firstGrapheme(text: string): string | undefined {
  const [first] = graphemes.segment(text)
  return first?.segment
}

function graphemeWidth(grapheme: string): number {
  if (/^\p{M}|^[\u200B-\u200D\uFEFF]/u.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}
