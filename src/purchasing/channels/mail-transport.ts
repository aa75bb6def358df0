/** Handing one mail to an SMTP server, with a clear word on whether the server can have taken it. */
import { Readable } from 'node:stream'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { NotSentError } from './channel.js'
import { isLoopbackName } from './private-address.js'

export interface Mail {
  /** 'Name <address>' or the address alone. */
  readonly from: string
  readonly to: string
  readonly replyTo: string
  readonly subject: string
  readonly text: string
  /** Without brackets; the same each time the same is said. */
  readonly messageId: string
  readonly date: Date
}

export interface MailTransport {
  /**
   * Resolves when the server has taken the mail; throws `NotSentError` where it surely hasn't. After any other error it may
   * have.
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>
}

/** For those who must not send. */
export const noMailTransport: MailTransport = {
  send: () => Promise.reject(new NotSentError('no mail is sent from here')),
}

/** `smtp://user:password@host:587` (STARTTLS where the server offers it) or `smtps://…` (TLS from the start). */
export function createMailTransport(smtpUrl: string): MailTransport {
  const url = new URL(smtpUrl)
  const isLocal = isLoopbackName(url.hostname)
  const user = decodeURIComponent(url.username)
  return {
    async send(mail, signal) {
      if (signal.aborted) throw new NotSentError('there was no time left')
      const raw = await new MailComposer({ ...mail, textEncoding: 'quoted-printable' }).compile().build()
      const connection = new SMTPConnection({
        host: url.hostname.replace(/^\[|\]$/g, ''),
        ...(url.port === '' ? {} : { port: Number(url.port) }),
        secure: url.protocol === 'smtps:',
        // A password never goes over a line that others can read.
        requireTLS: url.protocol === 'smtp:' && user !== '' && !isLocal,
        connectionTimeout: 10_000,
        greetingTimeout: 10_000,
        socketTimeout: 20_000,
      })
      const progress = { hasBegun: false }
      const content = Readable.from(
        (function* () {
          // Read only when the server has said that it wants the content: until then it has taken nothing.
          progress.hasBegun = true
          yield raw
        })(),
      )
      const envelope = { from: addressOf(mail.from), to: [mail.to] }
      try {
        await untilAborted(connection, signal, async () => {
          await step((done) => connection.connect(done), connection)
          if (user !== '') {
            const pass = decodeURIComponent(url.password)
            await step((done) => connection.login({ user, pass, credentials: { user, pass } }, done), connection)
          }
          await step((done) => connection.send(envelope, content, done), connection)
        })
      } catch (error) {
        if (progress.hasBegun && !isRefusal(error)) throw error
        throw new NotSentError(`the mail server ${url.host} didn't take it: ${reasonOf(error)}`, { cause: error })
      } finally {
        connection.close()
      }
    },
  }
}

/** 'orders@example.com' of 'Corner Café <orders@example.com>'. */
export function addressOf(from: string): string {
  return (/<([^<>]+)>\s*$/.exec(from)?.[1] ?? from).trim()
}

/** One step of the conversation, which ends with its callback or with the connection. */
function step(start: (done: (error?: Error | null) => void) => void, connection: SMTPConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error | null) => {
      connection.removeListener('error', reject)
      if (error) reject(error)
      else resolve()
    }
    connection.once('error', reject)
    connection.once('end', () => reject(new Error('the connection ended')))
    start(end)
  })
}

async function untilAborted(connection: SMTPConnection, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  let stop: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new Error('no answer in time'))
      connection.close()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
    // Whatever the connection still says after this is nobody's business.
    connection.on('error', () => undefined)
  }
}

/** The server has read the content and said no to it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('responseCode' in error)) return false
  return error.code === 'EMESSAGE' && typeof error.responseCode === 'number' && error.responseCode >= 400
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no reason given'
}
