#!/usr/bin/env node
// Plain JavaScript of the oldest kind that is an ES module, so that an old Node gets as far as
// saying which one is needed. Everything else is in main.ts (in a clone) or main.js (published).
import { existsSync } from 'node:fs'

const needed = [22, 18]
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `loadstone needs Node >= ${needed.join('.')}, this is ${process.version}.\n` +
      'Get a current one from https://nodejs.org/en/download, with your version manager\n' +
      '(nvm install --lts), or for this project alone: npm install --save-dev node\n',
  )
  process.exitCode = 2
} else {
  // Experimental features are our choice, not the user's business; other warnings stay.
  process.removeAllListeners('warning')
  process.on('warning', warning => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.stack}\n`)
  })
  const inClone = existsSync(new URL('./main.ts', import.meta.url))
  const { main } = await import(inClone ? './main.ts' : './main.js')
  await main()
}
