import type { Channel } from './channel.js'

/**
 * A supplier that a person phones or visits. "Sending" puts the order on that person's list; they record what came with
 * `orders receive`. Nothing leaves this machine, so there is nobody to ask and nothing to doubt.
 */
export const manualChannel: Channel = {
  submit: async () => ({ outcome: 'submitted', reference: null, reason: 'to be ordered by hand' }),
  findByKey: async () => ({ outcome: 'not_found' }),
  status: async () => ({ answer: { outcome: 'cannot_tell' }, deliveries: [] }),
}
