import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** What a mail server does with the next mail. */
export type MailFate =
  | 'take'
  | 'refuse the recipient'
  | 'refuse the content'
  | 'cut before the content'
  | 'cut after the content'
  | 'take and stay silent'

export interface TestSmtpServer {
  readonly url: string
  /** Mails that were taken, whether or not the sender was told. */
  readonly taken: readonly string[]
  /** Fates of the mails to come, the first first; `take` when there are no more. */
  readonly fates: MailFate[]
  close(): Promise<void>
}

/** As much of SMTP as a client needs, on loopback. */
export async function startSmtpServer(): Promise<TestSmtpServer> {
  const taken: string[] = []
  const fates: MailFate[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    serveOne(socket, { take: (mail) => taken.push(mail), nextFate: () => fates.shift() ?? 'take' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    taken,
    fates,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serveOne(
  socket: Socket,
  on: { readonly take: (mail: string) => void; readonly nextFate: () => MailFate },
): void {
  let buffered = ''
  let content: string[] | null = null
  let fate: MailFate = 'take'
  const say = (line: string) => socket.write(`${line}\r\n`)
  say('220 test ready')
  socket.on('data', (chunk: Buffer) => {
    buffered += chunk.toString('utf8')
    for (;;) {
      const end = buffered.indexOf('\r\n')
      if (end < 0) return
      const line = buffered.slice(0, end)
      buffered = buffered.slice(end + 2)
      if (content === null) command(line)
      else if (line === '.') finish(content.join('\n'))
      else content.push(line)
    }
  })

  function command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO' || verb === 'HELO') say('250 test')
    else if (verb === 'MAIL') {
      fate = on.nextFate()
      say('250 ok')
    } else if (verb === 'RCPT') say(fate === 'refuse the recipient' ? '550 nobody here' : '250 ok')
    else if (verb === 'DATA') {
      if (fate === 'cut before the content') socket.destroy()
      else {
        content = []
        say('354 go on')
      }
    } else if (verb === 'QUIT') socket.end('221 bye\r\n')
    else say('250 ok')
  }

  function finish(mail: string): void {
    content = null
    if (fate === 'refuse the content') say('554 not like this')
    else {
      on.take(mail)
      if (fate === 'cut after the content') socket.destroy()
      else if (fate !== 'take and stay silent') say('250 taken')
    }
  }
}
