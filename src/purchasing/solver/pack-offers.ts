/**
 * Offers as one array of numbers: posted to a thread, thousands of small objects keep the sender busy for milliseconds,
 * an array changes hands at once.
 */
import type { InstanceOffer, Segment } from './instance.js'

export function packOffers(offers: readonly InstanceOffer[]): Float64Array<ArrayBuffer> {
  const numbers: number[] = []
  for (const { item, supplier, pack, minimum, segments } of offers) {
    numbers.push(item, supplier, pack, minimum, segments.length)
    for (const { low, high, price } of segments) numbers.push(low, high, price)
  }
  return Float64Array.from(numbers)
}

export function unpackOffers(numbers: Float64Array): InstanceOffer[] {
  const offers: InstanceOffer[] = []
  let place = 0
  const next = () => numbers[place++] ?? 0
  while (place < numbers.length) {
    const [item, supplier, pack, minimum, count] = [next(), next(), next(), next(), next()]
    const segments = Array.from({ length: count }, (): Segment => ({ low: next(), high: next(), price: next() }))
    offers.push({ item, supplier, pack, minimum, segments })
  }
  return offers
}
