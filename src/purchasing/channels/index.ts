import type { SuppliersTable } from '../tables.js'
import type { Channel } from './channel.js'
import { manualChannel } from './manual.js'
import { simulatedChannel } from './simulated.js'

export type ChannelName = SuppliersTable['channel']

/** The channels that can be used; orders to a supplier with another one are refused when they are placed. */
export type Channels = Readonly<Partial<Record<ChannelName, Channel>>>

export const builtInChannels: Channels = {
  simulated: simulatedChannel,
  manual: manualChannel,
}
