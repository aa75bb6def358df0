import type { Message } from '../../../src/platform/errors.js'

/** Tells whoever recorded something hardly true at once, not only when nothing is bought for it. */
export function doubtMessages(doubt: string | null): Message[] {
  return doubt === null ? [] : [{ code: 'doubtful', severity: 'needs_human', text: doubt }]
}
