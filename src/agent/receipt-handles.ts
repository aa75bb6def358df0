import type { ToolResult } from './tool-content.js'

/** Shorter receipts go as they are. */
const longEnough = 100

/**
 * A signed receipt for forty lines is several thousand characters, which a model would have to repeat letter by letter, and pay
 * for. It gets a short handle to hand on instead; the servers on both sides only ever see the receipt itself.
 */
export interface ReceiptHandles {
  /** The result as the model sees it. */
  hide(result: ToolResult): ToolResult
  /** The arguments as the server gets them. A receipt that is no handle of ours goes on unchanged, for the server to judge. */
  reveal(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
}

export function createReceiptHandles(): ReceiptHandles {
  const receipts = new Map<string, string>()
  return {
    hide(result) {
      const receipt = result.structuredContent?.receipt
      if (typeof receipt !== 'string' || receipt.length < longEnough) return result
      const handle = `receipt_${receipts.size + 1}`
      receipts.set(handle, receipt)
      const structuredContent = { ...result.structuredContent, receipt: handle }
      return { ...result, structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] }
    },
    reveal(args) {
      const receipt = typeof args.receipt === 'string' ? receipts.get(args.receipt.trim()) : undefined
      return receipt === undefined ? args : { ...args, receipt }
    },
  }
}
