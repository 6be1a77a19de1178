import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeSecond, encodeSecond } from '../../metrics/index.ts'
import { measured, newRun } from '../../store/testing/runs.ts'
import { windowsOf } from '../../metrics/testing/samples.ts'
import { follow, type HeardEvent } from '../testing/follow.ts'
import { liveRun, startRig, type Rig } from '../testing/rig.ts'
import { olderFrom } from './stored-feeds.ts'

let rig: Rig
afterEach(() => rig.close())

const indexesOf = (heard: readonly HeardEvent[]) =>
  heard.filter(({ event }) => event === 'second').map(({ data }) => secondOf(data).index)
const secondOf = (data: unknown) => decodeSecond(Buffer.from(String(data), 'base64'))
const upTo = (end: number) => Array.from({ length: end }, (_, index) => index)
const lastIdOf = (heard: readonly HeardEvent[]) =>
  heard.filter(({ id }) => id !== undefined).at(-1)?.id

describe('the live feed of a run of this process', () => {
  test('tells every second, mark and phase, and that it is over', async () => {
    rig = await startRig()
    const { live, second, end } = liveRun()
    rig.dashboard.show(live)
    live.listeners.onPhase('running')
    second(5)
    const client = await follow(rig.dashboard.port, '/api/runs/run-1/live?after=-1')
    second(7)
    live.listeners.onMark?.({ atUs: 2e6, kind: 'pause', text: 'paused by hand' })
    live.listeners.onLog('info', 'hello <script>alert(1)</script>')
    end()
    await client.ended
    expect(indexesOf(client.heard)).toEqual([0, 1])
    expect(secondOf(client.heard[1]?.data).series[0]?.count).toBe(5)
    expect(client.heard.map(({ id, event }) => [id, event])).toEqual(
      expect.arrayContaining([
        ['0', 'second'],
        ['1', 'second'],
        ['1.1', 'mark'],
        ['1.2', 'log'],
        [undefined, 'ended'],
      ]),
    )
    const phases = client.heard.filter(({ event }) => event === 'phase').map(({ data }) => data)
    expect(phases.at(-1)).toEqual({ phase: 'running', paused: true })
    expect(client.heard.at(-1)).toMatchObject({ event: 'ended', data: { id: 'run-1' } })
  })

  test('without a place to go on from it begins with what comes next', async () => {
    rig = await startRig()
    const { live, second } = liveRun()
    rig.dashboard.show(live)
    second()
    const client = await follow(rig.dashboard.port, '/api/runs/last/live')
    second()
    await client.until(heard => indexesOf(heard).length > 0)
    expect(indexesOf(client.heard)).toEqual([1])
    client.drop()
  })

  test('clients that lose their connection at any moment end with everything once', async () => {
    rig = await startRig()
    await fc.assert(
      fc.asyncProperty(
        // How many events a client takes before its connection breaks, and what the run tells
        // between two of its connections.
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 6,
        }),
        async steps => {
          const { live, second, end } = liveRun()
          rig.dashboard.show(live)
          const told: string[] = []
          const tell = () => {
            second()
            const text = `mark ${told.length}`
            told.push(text)
            live.listeners.onMark?.({ atUs: told.length * 1e6, kind: 'fault', text })
          }
          tell()
          tell()
          const kept: HeardEvent[] = []
          for (const [wanted, between] of steps) {
            const client = await connect(kept)
            const counted = (heard: readonly HeardEvent[]) => heard.filter(isKept)
            tell()
            // A second and a mark each time: no more can be waited for than there is.
            const taken = Math.min(wanted, 2 * told.length - kept.length)
            await client.until(heard => counted(heard).length >= taken)
            // What was on its way when the connection broke never arrived.
            kept.push(...counted(client.heard).slice(0, taken))
            client.drop()
            for (let i = 0; i < between; i += 1) tell()
          }
          const last = await connect(kept)
          end()
          await last.ended
          kept.push(...last.heard.filter(isKept))
          expect(indexesOf(kept)).toEqual(upTo(told.length))
          const marks = kept.filter(({ event }) => event === 'mark')
          expect(marks.map(({ data }) => (data as { text: string }).text)).toEqual(told)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('a client that reads nothing for long misses nothing and holds nobody up', async () => {
    rig = await startRig()
    const { live, second, end } = liveRun()
    rig.dashboard.show(live)
    const slow = live.feed.follow('-1')
    const quick = await follow(rig.dashboard.port, '/api/runs/run-1/live?after=-1')
    for (let i = 0; i < 2000; i += 1) second(1)
    end()
    await quick.ended
    expect(indexesOf(quick.heard)).toEqual(upTo(2000))
    const chunks: Uint8Array[] = []
    for (let bytes = await slow.take(); bytes !== undefined; bytes = await slow.take()) {
      chunks.push(bytes)
    }
    expect(
      Buffer.concat(chunks)
        .toString()
        .match(/event: second/g),
    ).toHaveLength(2000)
    expect(live.feed.watchers).toBe(0)
  })
})

describe('the live feed of a run that another process stores', () => {
  const events = [0, 1, 2, 3].map(second => ({
    ...({ type: 'sample', kind: 'request', name: 'GET /a' } as const),
    ...{ atUs: second * 1e6 + 5e5, latencyUs: 1000, delayUs: 0, failure: undefined },
  }))
  const run = newRun('stored-1', {}, { workers: 1 })
  const { seconds, summary } = measured(run, windowsOf(0, events, 4e6), 4e6)

  test('follows the store, and ends with the run', async () => {
    rig = await startRig()
    const writer = await rig.store.begin(run, message => expect.unreachable(message))
    for (const second of seconds.slice(0, 2)) writer.append(second)
    writer.mark({ atUs: 0, kind: 'stage', text: 'stage 1' })
    const client = await follow(rig.dashboard.port, '/api/runs/stored-1/live?after=-1')
    const resumed = await follow(rig.dashboard.port, '/api/runs/stored-1/live', {
      'last-event-id': '0',
    })
    for (const second of seconds.slice(2)) writer.append(second)
    writer.mark({ atUs: 3.5e6, kind: 'fault', text: 'later' })
    await writer.end(summary, 'pass')
    await Promise.all([client.ended, resumed.ended])
    expect(indexesOf(client.heard)).toEqual([0, 1, 2, 3])
    expect(indexesOf(resumed.heard)).toEqual([1, 2, 3])
    const marks = client.heard.filter(({ event }) => event === 'mark')
    expect(marks.map(({ data }) => (data as { text: string }).text)).toEqual(['stage 1', 'later'])
    // A run that is over: what is missing, and the end.
    const late = await follow(rig.dashboard.port, '/api/runs/stored-1/live', {
      'last-event-id': lastIdOf(resumed.heard.slice(0, 2)) ?? '',
    })
    await late.ended
    expect(late.heard.at(-1)?.event).toBe('ended')
  })

  test('what the memory has not is read from the store', async () => {
    rig = await startRig()
    const writer = await rig.store.begin(run, message => expect.unreachable(message))
    for (const second of seconds) writer.append(second)
    await writer.end(summary, 'pass')
    const older = olderFrom(rig.store, 'stored-1')
    expect((await older(1, 3)).map(({ second }) => second)).toEqual([1, 2])
    const [first] = await older(0, 1)
    expect(first?.encoded).toEqual(encodeSecond(seconds[0]!))
  })
})

async function connect(kept: readonly HeardEvent[]) {
  const id = lastIdOf(kept)
  const path = '/api/runs/run-1/live?after=-1'
  return follow(rig.dashboard.port, path, id === undefined ? {} : { 'last-event-id': id })
}

const isKept = ({ event }: HeardEvent) => event === 'second' || event === 'mark'
