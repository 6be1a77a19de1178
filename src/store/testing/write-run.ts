/**
 * A process that stores a run: node write-run.ts <store> <id> <seconds>. It says 'stored <n>' once
 * second n can be read back, 'trouble ...' when the store says so, and at the end 'ended'.
 */
import { secondOf } from '../../metrics/index.ts'
import { windowsOf } from '../../metrics/testing/samples.ts'
import { openStore } from '../open-store.ts'
import { measured, newRun } from './runs.ts'

const [where = '', id = '', count = ''] = process.argv.slice(2)
const store = await openStore(where)
const run = newRun(id, {}, { workers: 1 })
let isWell = true
const writer = await store.begin(run, message => {
  isWell = false
  console.log(`trouble ${message}`)
})
const names = Array.from({ length: 50 }, (_, number) => `GET /${number}`)
for (let index = 0; index < Number(count); index += 1) {
  const events = names.map((name, number) => ({
    ...({ type: 'sample', kind: 'request', name } as const),
    ...{ atUs: index * 1e6 + number, latencyUs: 1000 + number * index, delayUs: 0 },
    failure: undefined,
  }))
  const windows = windowsOf(0, events, (index + 1) * 1e6)
  writer.append(secondOf(windows.slice(-1)))
  while (isWell && (await store.find(id)).seconds <= index) continue
  if (isWell) console.log(`stored ${index}`)
}
await writer.end(measured(run, [], Number(count) * 1e6).summary, 'pass')
console.log('ended')
await store.close()
