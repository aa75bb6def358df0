import type { SuppliersTable } from '../tables.js'
import type { Channel } from './channel.js'
import { createEmailChannel } from './email.js'
import { createHttpChannel } from './http.js'
import { createMailTransport, type MailTransport, noMailTransport } from './mail-transport.js'
import { manualChannel } from './manual.js'
import { simulatedChannel } from './simulated.js'

export type ChannelName = SuppliersTable['channel']

/** The channels that can be used; orders to a supplier with another one are refused when they are placed. */
export type Channels = Readonly<Partial<Record<ChannelName, Channel>>>

export interface ChannelSettings {
  /** null: no mail can be sent, so that suppliers of the `email` channel get no orders. */
  readonly smtpUrl: string | null
  /** Who orders by mail come from, and where answers go. */
  readonly mailFrom: string | null
  /** Secrets that requests to suppliers are signed with, by supplier id. */
  readonly secrets: Readonly<Record<string, string>>
}

/** What needs no settings. */
export const builtInChannels: Channels = {
  simulated: simulatedChannel,
  http: createHttpChannel(),
  manual: manualChannel,
}

/** All that can be used with these settings, for whoever sends and follows orders. */
export function createChannels(settings: ChannelSettings): Channels {
  const { smtpUrl, mailFrom } = settings
  return {
    ...builtInChannels,
    http: createHttpChannel({ secrets: settings.secrets }),
    ...(smtpUrl === null || mailFrom === null ? {} : { email: emailBy(createMailTransport(smtpUrl), mailFrom) }),
  }
}

/** For whoever only places orders: nothing is sent there, but it must be known whether somebody can. */
export function placingChannels(canMail: boolean): Channels {
  return { ...builtInChannels, ...(canMail ? { email: emailBy(noMailTransport, '') } : {}) }
}

function emailBy(transport: MailTransport, from: string): Channel {
  return createEmailChannel({ transport, from })
}

/** Whether suppliers of this channel can be asked to cancel what they have. */
export function channelCanCancel(name: ChannelName): boolean {
  return builtInChannels[name]?.cancel !== undefined
}
