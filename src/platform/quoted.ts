/** What somebody wrote, as an error may repeat it: in quotes, one line, at most 40 characters, nothing that steers a terminal. */
export function quoted(written: string): string {
  const plain = written.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return `"${plain.length > 40 ? `${plain.slice(0, 40)}…` : plain}"`
}
