#!/usr/bin/env node
// A reader that goes away (`restock runs | head`) is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// Completion scripts ask this at the press of a key, when there is no time to load the program.
if (process.argv[2] === '__complete') {
  const { completeValues } = await import('./completion/complete-values.js')
  const [what = '', ...words] = process.argv.slice(3)
  process.stdout.write(await completeValues({ what, words, env: process.env, cwd: process.cwd() }))
} else {
  const [{ createProgram }, { report }, { createStyle }] = await Promise.all([
    import('./program.js'),
    import('./report.js'),
    import('./terminal/style.js'),
  ])
  const stderr = (text: string) => process.stderr.write(text)
  const program = createProgram({
    env: process.env,
    cwd: process.cwd(),
    stdout: (text) => process.stdout.write(text),
    stderr,
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.columns || 80,
    stderrIsTerminal: process.stderr.isTTY === true,
    stderrColumns: process.stderr.columns || 80,
    setExitCode: (code) => {
      process.exitCode = code
    },
  })
  try {
    await program.parseAsync(process.argv)
  } catch (error) {
    process.exitCode = report(error, {
      stderr,
      style: createStyle({ isTerminal: process.stderr.isTTY === true, env: process.env }),
      isVerbose: process.argv.includes('--verbose') || process.argv.includes('-v'),
    })
  }
}
