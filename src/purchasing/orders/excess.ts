/** Goods that came beyond what was ordered. They are on the shelf, so they count; whether they are paid for is between people. */
import { subtractQuantity } from '../../platform/decimal.js'

export interface ReceivedLine {
  readonly product: string
  readonly quantity: number
  readonly receivedQuantity: number
  readonly unit: string
}

/** In the item's unit; 0: no more came than was ordered. */
export function excessOf(line: Pick<ReceivedLine, 'quantity' | 'receivedQuantity'>): number {
  return line.receivedQuantity > line.quantity ? subtractQuantity(line.receivedQuantity, line.quantity) : 0
}

/** '24 l of “Milk” and 1 kg of “Tea” more than was ordered'; null: nothing is too much. */
export function excessInWords(lines: readonly ReceivedLine[]): string | null {
  const parts = lines.flatMap((line) => {
    const excess = excessOf(line)
    return excess === 0 ? [] : [`${excess} ${line.unit} of “${line.product}”`]
  })
  return parts.length === 0 ? null : `${parts.join(' and ')} more than was ordered`
}
