import { request, type ClientRequest } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { compareRecorded, type ComparisonReport } from '../../report/index.ts'
import { recordedRun } from '../../report/testing/compared-runs.ts'
import { newRun } from '../../store/testing/runs.ts'
import { startRig, type Rig } from '../testing/rig.ts'
import type { CompareStored } from './context.ts'

let rig: Rig
afterEach(() => rig.close())

const report = compareRecorded(recordedRun({ seconds: 5 }), recordedRun({ seconds: 5 }))

/** A comparison that somebody asked for: it ends when the test says so. */
interface Asked {
  readonly candidate: string
  readonly signal: AbortSignal
  readonly end: (outcome: ComparisonReport | Error) => void
}

/** A rig with some runs, whose comparisons wait for the test. */
async function openRig() {
  const asked: Asked[] = []
  const compare: CompareStored = ({ candidate }, signal) =>
    new Promise((resolve, reject) => {
      const end: Asked['end'] = one => (one instanceof Error ? reject(one) : resolve(one))
      signal.addEventListener('abort', () => end(signal.reason as Error))
      asked.push({ candidate, signal, end })
    })
  rig = await startRig({ compare })
  for (const id of ['base', 'one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
    await rig.store.begin(newRun(id), message => expect.unreachable(message))
  }
  return asked
}

const urlOf = (candidate: string) => `/api/compare?base=base&candidate=${candidate}`
const get = (candidate: string) => rig.get(urlOf(candidate))

/** Asks, and may leave before there is an answer. */
function client(candidate: string): ClientRequest {
  const { port } = rig.dashboard
  const one = request({ host: '127.0.0.1', port, path: urlOf(candidate), agent: false })
  one.on('error', () => undefined)
  one.end()
  return one
}

describe('two runs of the store', () => {
  test('are compared, named by their whole ids', async () => {
    const asked = await openRig()
    const answer = rig.get('/api/compare?base=bas&candidate=on')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    asked[0]!.end({ ...report, verdict: 'regressed' })
    const { status, json } = await answer
    expect([status, asked[0]!.candidate]).toEqual([200, 'one'])
    const { because } = report
    const notes = [...report.notes, report.runToRun.words]
    expect(json()).toMatchObject({ base: { id: 'base' }, candidate: { id: 'one' } })
    expect(json()).toMatchObject({ because, notes, comparison: { verdict: 'regressed' } })
  })

  test('that are not there, or not named, are refused; so is what was wrong later', async () => {
    const asked = await openRig()
    expect((await rig.get('/api/compare?base=base')).status).toBe(404)
    expect((await get('x')).status).toBe(404)
    const answer = get('one')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    asked[0]!.end(new UsageError('STORE_UNUSABLE', 'the file is gone'))
    const { status, json } = await answer
    expect([status, json()]).toEqual([400, { error: 'the file is gone' }])
  })
})

describe('comparisons', () => {
  test('are made one at a time, in the order asked for, and others are answered', async () => {
    const asked = await openRig()
    const answers = [get('one')]
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const waiting = ['two', 'three', 'four', 'five'] as const
    for (const candidate of waiting) {
      answers.push(get(candidate))
      // Each is known to wait once the server has answered what was asked after it.
      expect((await rig.get('/api/info')).status).toBe(200)
    }
    const refused = await get('six')
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('try again')])
    for (let place = 0; place < answers.length; place++) {
      await vi.waitFor(() => expect(asked).toHaveLength(place + 1))
      asked[place]!.end(report)
      expect((await answers[place]!).status).toBe(200)
    }
    expect(asked.map(({ candidate }) => candidate)).toEqual(['one', ...waiting])
  })

  test('end when nobody waits for them any more, at work or not', async () => {
    const asked = await openRig()
    const first = client('one')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const second = client('two')
    await rig.get('/api/info')
    const third = get('three')
    await rig.get('/api/info')
    const left = new Promise(resolve => second.once('close', resolve))
    second.destroy()
    await left
    await rig.get('/api/info')
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false])
    first.destroy()
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false])
    asked[1]!.end(report)
    expect((await third).status).toBe(200)
    expect(asked.map(({ candidate }) => candidate)).toEqual(['one', 'three'])
  })

  test('end with the dashboard', async () => {
    const asked = await openRig()
    const refused = get('one')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    await rig.dashboard.close()
    expect(asked[0]!.signal.aborted).toBe(true)
    expect((await refused).status).toBe(500)
  })
})
