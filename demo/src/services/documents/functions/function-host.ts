/**
 * One function instance: a thread of its own with its own modules and memory. It makes its table
 * when it starts and keeps it, then works one file after another.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { buildTable, inspectDocument, processDocument } from './document-work.ts'
import type { FromInstance, InstanceStart, ToInstance } from './instance.ts'

const { name, initPasses } = workerData as InstanceStart
const startedMs = performance.now()
const table = buildTable(initPasses)
tell({ kind: 'ready', tableMs: performance.now() - startedMs })

parentPort?.on('message', ({ file }: ToInstance) => {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const work = name === 'inspect-document' ? inspectDocument : processDocument
  tell({ kind: 'done', result: work(bytes, table) })
})

function tell(message: FromInstance): void {
  parentPort?.postMessage(message)
}
