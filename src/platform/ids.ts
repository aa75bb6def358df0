import { randomBytes } from 'node:crypto'
import type { NewId } from './context.js'

// No vowels and no look-alikes: ids are read aloud, typed and repeated by models, and must not spell words.
const alphabet = '23456789bcdfghjkmnpqrstvwxyz'
const length = 14

/** Ids such as `itm_7k3m9x2q4w8vbn`: a prefix and 14 random characters (67 bits). Not secrets, and never reused. */
export const newRandomId: NewId = (prefix) => {
  let id = ''
  while (id.length < length) {
    for (const byte of randomBytes(length)) {
      // 252 is the largest multiple of the alphabet's 28 letters below 256; above it some letters would be likelier.
      if (byte < 252 && id.length < length) id += alphabet.charAt(byte % alphabet.length)
    }
  }
  return `${prefix}_${id}`
}
