import { z } from 'zod'
import { isSignatureValid, sign } from './signing.js'

const receiptSchema = z.object({
  v: z.literal(1),
  run: z.string().nullable(),
  list: z.string(),
  currency: z.string(),
  issued_at: z.iso.datetime(),
  orders: z.array(
    z.object({
      order_id: z.string(),
      supplier_id: z.string(),
      status: z.string(),
      expected_at: z.string().nullable(),
      lines: z.array(z.object({ line_id: z.string(), item_id: z.string(), quantity: z.number(), unit: z.string() })),
    }),
  ),
})

/** The ordering server's word on what it accepted. The list believes nothing else, whoever brings it. */
export type Receipt = z.infer<typeof receiptSchema>

const purpose = 'restock/receipt v1'

/** `base64url(json).base64url(hmac)`: short enough for a model to repeat, useless to forge. */
export function signReceipt(secret: string, receipt: Receipt): string {
  const body = Buffer.from(JSON.stringify(receipt)).toString('base64url')
  return `${body}.${sign(secret, purpose, body)}`
}

/** The receipt if the signature is ours and the content is whole, else null. */
export function readReceipt(secret: string, text: string): Receipt | null {
  const [body, signature, ...rest] = text.trim().split('.')
  if (body === undefined || signature === undefined || rest.length > 0) return null
  if (!isSignatureValid(secret, purpose, body, signature)) return null
  try {
    return receiptSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}
