/**
 * npm run bench -- [name ...] [--tiny] [--strict] [--list]
 *
 * Runs the benches named (all by default), one after another, and prints their tables. A row below
 * its budget fails the command only with --strict: on a shared machine a number is a hint, not a
 * verdict.
 */
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import type { Bench, Row } from './rig/bench.ts'
import { distancesText } from './rig/core-distance.ts'
import { allowedCores, loadAverageText, machineFacts } from './rig/machine.ts'
import { killAllProcesses } from './rig/process.ts'
import { tableText } from './rig/table.ts'
import { removeTemporaryFolders } from './rig/temporary-folder.ts'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    tiny: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

/** Runs one bench, prints what it found, and returns its rows. */
async function show(bench: Bench): Promise<readonly Row[]> {
  console.log(`\n${bench.name}: ${bench.budget}`)
  const say = (line: string) => console.log(`  ... ${line}`)
  const result = await bench.run({ tiny: options.tiny, say })
  if (result.kind === 'skipped') {
    console.log(`  skipped: ${result.reason}`)
    return []
  }
  console.log(tableText(result.rows))
  for (const note of result.notes) console.log(`  ${note}`)
  console.log(`  load average after: ${loadAverageText()}`)
  return result.rows
}

async function main(): Promise<number> {
  const unknown = names.filter(name => !benches.some(bench => bench.name === name))
  if (options.list || unknown.length > 0) {
    for (const name of unknown) console.error(`no bench is called '${name}'; there are:`)
    for (const bench of benches) console.log(`${bench.name.padEnd(12)} ${bench.budget}`)
    return unknown.length > 0 ? 2 : 0
  }
  for (const fact of machineFacts()) console.log(fact)
  console.log(`cache line from core to core and back: ${await distancesText(allowedCores)}`)
  const rows: Row[] = []
  for (const bench of benches) {
    if (names.length === 0 || names.includes(bench.name)) rows.push(...(await show(bench)))
  }
  const below = rows.filter(row => row.ok === false)
  console.log(`\n${below.length} of ${rows.length} rows below budget`)
  return options.strict && below.length > 0 ? 1 : 0
}

process.on('exit', () => {
  killAllProcesses()
  removeTemporaryFolders()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
process.exitCode = await main()
