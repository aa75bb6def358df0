import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { idPattern, isTimeZone, readConfigFile } from '../../config/config-file.js'
import { absolutePath } from '../../config/environment.js'
import { minorUnits, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { describeFolderError } from '../../platform/folder-errors.js'
import { canAsk, createAsker } from '../ask.js'
import type { Cli, GlobalOptions } from '../cli.js'
import { exampleConfig, type FirstList, firstConfig } from '../config/first-config.js'
import { machineTimeZone } from '../terminal/local-time.js'

interface InitOptions {
  readonly list?: string
  readonly currency?: string
  readonly timeZone?: string
  readonly perOrder?: string
  readonly perMonth?: string
  readonly approveAbove?: string
  readonly example?: boolean
  readonly force?: boolean
}

export function registerInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .description('Write restock.yaml with a first list: by questions, by options, or from the example café.')
    .option('--list <list>', 'id of the list: lower-case letters, digits, - and _')
    .option('--currency <code>', 'of its prices, such as EUR')
    .option('--time-zone <zone>', 'such as Europe/Berlin')
    .option('--per-order <amount>', 'most that one order may cost')
    .option('--per-month <amount>', 'most that a month may cost')
    .option('--approve-above <amount>', 'orders above this wait for your approval')
    .option('--example', 'the example café: items, suppliers, catalog and a schedule')
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      '\nExample:\n  restock init --list cafe --currency EUR --time-zone Europe/Berlin\n  restock init --example',
    )
    .action(async (options: InitOptions, command: Command) => {
      if (options.example === true) assertNothingElse(options)
      const { config } = command.optsWithGlobals<GlobalOptions>()
      const path = absolutePath(config ?? cli.io.env.RESTOCK_CONFIG ?? 'restock.yaml', cli.io.cwd)
      assertFree(path, options.force === true)
      const text = options.example === true ? await exampleConfig(path) : firstConfig(await firstList(options, cli))
      await write(path, text)
      const { problems } = readConfigFile(path, cli.io.env)
      if (problems.length > 0) throw new Error(`init wrote a file that can't be read: ${problems.join('; ')}`)
      cli.answer(command, { file: path }, () => `${basename(path)} is written. ${whatNext(options.example === true)}`)
    })
}

function whatNext(isExample: boolean): string {
  return isExample
    ? 'Start with `restock up`, or look around first: restock items list --due'
    : 'Next: restock suppliers import, restock catalog import and restock items import, then restock up.'
}

/** What the example has of its own, nobody else says: an option that changes nothing would be a promise broken. */
function assertNothingElse({ list, currency, timeZone, perOrder, perMonth, approveAbove }: InitOptions): void {
  if ([list, currency, timeZone, perOrder, perMonth, approveAbove].every((each) => each === undefined)) return
  throw new InputError(
    '--example has a list and limits of its own; leave the other options out, and change the file it writes.',
  )
}

function assertFree(path: string, mayOverwrite: boolean): void {
  if (mayOverwrite || !existsSync(path)) return
  throw new InputError(`${path} is there already; add --force to write over it, or name another file with --config.`)
}

async function firstList(options: InitOptions, cli: Cli): Promise<FirstList> {
  const given = {
    list: options.list === undefined ? undefined : readList(options.list),
    currency: options.currency === undefined ? undefined : readCurrency(options.currency),
    timeZone: options.timeZone === undefined ? undefined : readTimeZone(options.timeZone),
  }
  const { list, currency, timeZone } = given
  if (list !== undefined && currency !== undefined && timeZone !== undefined) {
    return { list, currency, timeZone, ...readLimits(options, currency) }
  }
  if (!canAsk(cli.io.stderrIsTerminal)) {
    throw new InputError('Nobody is here to ask: give --list, --currency and --time-zone, or --example.')
  }
  return askFor(given, options)
}

async function askFor(
  given: { readonly [Key in 'list' | 'currency' | 'timeZone']: string | undefined },
  options: InitOptions,
): Promise<FirstList> {
  const asker = createAsker()
  try {
    const list = given.list ?? (await asker.ask({ text: 'What is the list called', preset: 'cafe', read: readList }))
    const currency = given.currency ?? (await asker.ask({ text: 'Its currency', preset: 'EUR', read: readCurrency }))
    const timeZone =
      given.timeZone ?? (await asker.ask({ text: 'Its time zone', preset: machineTimeZone, read: readTimeZone }))
    const amount = (flag: string) => (answer: string) => readAmount(flag, answer, currency)
    const preset = readLimits(options, currency)
    return {
      list,
      currency,
      timeZone,
      perOrder: await asker.ask({
        text: 'Most that one order may cost',
        preset: preset.perOrder,
        read: amount('per order'),
      }),
      perMonth: await asker.ask({
        text: 'Most that a month may cost',
        preset: preset.perMonth,
        read: amount('per month'),
      }),
      approveAbove: await asker.ask({
        text: 'Orders above this wait for your approval',
        preset: preset.approveAbove,
        read: amount('approve above'),
      }),
    }
  } finally {
    asker.close()
  }
}

function readLimits(options: InitOptions, currency: string): Pick<FirstList, 'perOrder' | 'perMonth' | 'approveAbove'> {
  return {
    perOrder: readAmount('--per-order', options.perOrder ?? '500', currency),
    perMonth: readAmount('--per-month', options.perMonth ?? '2000', currency),
    approveAbove: readAmount('--approve-above', options.approveAbove ?? '200', currency),
  }
}

function readList(text: string): string {
  if (idPattern.test(text)) return text
  throw new InputError(`"${text}" can't name a list; use lower-case letters, digits, - and _, at most 40.`)
}

function readCurrency(text: string): string {
  const currency = text.toUpperCase()
  try {
    minorUnits(currency)
    return currency
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${error.message}.`) : error
  }
}

function readTimeZone(text: string): string {
  if (text !== '' && isTimeZone(text)) return text
  throw new InputError(`"${text}" is not a time zone; write one such as Europe/Berlin.`)
}

function readAmount(name: string, text: string, currency: string): string {
  try {
    toMinor(text, minorUnits(currency), { min: 0 })
    return text
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}.`) : error
  }
}

/** Whole or not at all: a full disk leaves no half of a file. */
async function write(path: string, text: string): Promise<void> {
  const draft = join(path, '..', `.${basename(path)}.${process.pid}.draft`)
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    const described = describeFolderError(error, path, 'file', 'name another one with --config')
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new InputError(`There is no folder for ${path}; make it first, or name another file with --config.`)
    }
    throw described
  }
}
