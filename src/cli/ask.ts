import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { InputError } from '../platform/errors.js'

export interface Question<T> {
  readonly text: string
  /** Taken when the answer is empty. */
  readonly preset?: string
  /** Turns the answer into the value, or throws InputError: the question is then asked again. */
  readonly read: (answer: string) => T
}

export interface Asker {
  ask<T>(question: Question<T>): Promise<T>
  close(): void
}

/** True when somebody sits at a keyboard. */
export function canAsk(isTerminal: boolean): boolean {
  return isTerminal && process.stdin.isTTY === true
}

/** Asks on a terminal, on stderr since stdout belongs to the answer of the command. */
export function createAsker(input: Readable = process.stdin, output: Writable = process.stderr): Asker {
  const lines = createInterface({ input, output })
  // Whoever types ahead has answered already: lines are kept until they are asked for.
  const answers = lines[Symbol.asyncIterator]()
  return {
    async ask(question) {
      const preset = question.preset === undefined ? '' : ` [${question.preset}]`
      for (;;) {
        // Written by ourselves: readline refuses to prompt once its input has ended, even with answers left to give.
        output.write(`${question.text}${preset}: `)
        const given = await answers.next()
        if (given.done === true) throw new InputError('The questions were not answered; nothing was written.')
        const answer = given.value.trim()
        try {
          return question.read(answer === '' ? (question.preset ?? '') : answer)
        } catch (error) {
          if (!(error instanceof InputError)) throw error
          output.write(`  ${error.message}\n`)
        }
      }
    },
    close: () => lines.close(),
  }
}
