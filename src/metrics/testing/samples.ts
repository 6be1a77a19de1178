import fc from 'fast-check'
import { Histogram } from '../histogram.ts'
import type { Sample, SeriesKind } from '../sample.ts'
import type { GeneratorWindow, WindowData } from '../window.ts'
import { Recorder } from '../record/recorder.ts'

export const idle: GeneratorWindow = {
  cpuRatio: 0.25,
  eventLoopUtilization: 0.5,
  eventLoopDelay: new Histogram().encode(),
  memoryBytes: 50_000_000,
}

/** A good exchange of 1 ms that ended at 0.5 s, unless told otherwise. */
export function sampleOf(fields: Partial<Sample>): Sample {
  const endedAtUs = fields.endedAtUs ?? 500_000
  const startedAtUs = fields.startedAtUs ?? endedAtUs - 1000
  return {
    seriesId: 0,
    intendedAtUs: startedAtUs,
    startedAtUs,
    endedAtUs,
    status: 200,
    failure: undefined,
    bytesIn: 200,
    bytesOut: 100,
    userId: 0,
    iteration: 0,
    traceId: '',
    timings: undefined,
    ...fields,
  }
}

/** A recorder whose windows are collected in a list. */
export function recorderInto(
  windows: WindowData[],
  options: { worker?: number; maxNames?: number; generator?: () => GeneratorWindow } = {},
): Recorder {
  return new Recorder({
    worker: 0,
    generator: () => idle,
    ...options,
    onWindow: window => windows.push(window),
  })
}

/** One thing that happened in a run, to be replayed on one worker or split over several. */
export type RunEvent =
  | ({ readonly type: 'sample'; readonly kind: SeriesKind; readonly name: string } & {
      readonly atUs: number
      readonly latencyUs: number
      readonly delayUs: number
      readonly failure: string | undefined
      readonly retries?: number
    })
  | { readonly type: 'check'; readonly atUs: number; readonly reason: string | undefined }
  | { readonly type: 'iteration'; readonly atUs: number; readonly delayUs: number }
  | { readonly type: 'drop'; readonly atUs: number; readonly count: number }

const anyAtUs = fc.integer({ min: 0, max: 5_999_999 })
const anyDelayUs = fc.integer({ min: 0, max: 50_000 })

export const anyRunEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({
    type: fc.constant('sample' as const),
    kind: fc.constantFrom<SeriesKind>('request', 'request', 'step', 'poll'),
    name: fc.constantFrom('GET /a', 'GET /b', 'POST /orders/:id'),
    atUs: anyAtUs,
    latencyUs: fc.integer({ min: 1, max: 2_000_000 }),
    delayUs: anyDelayUs,
    failure: fc.constantFrom(undefined, undefined, undefined, 'status 503', 'timeout'),
    retries: fc.constantFrom(0, 0, 1, 2),
  }),
  fc.record({
    type: fc.constant('check' as const),
    atUs: anyAtUs,
    reason: fc.constantFrom(undefined, 'empty list'),
  }),
  fc.record({ type: fc.constant('iteration' as const), atUs: anyAtUs, delayUs: anyDelayUs }),
  fc.record({
    type: fc.constant('drop' as const),
    atUs: anyAtUs,
    count: fc.integer({ min: 1, max: 5 }),
  }),
)

/** Plays events, in order of time, into one recorder of `worker` and returns its windows. */
export function windowsOf(worker: number, events: readonly RunEvent[], endUs = 6_000_000) {
  const windows: WindowData[] = []
  const recorder = recorderInto(windows, { worker })
  const scenarioId = recorder.scenario('shop')
  for (const event of [...events].sort((a, b) => a.atUs - b.atUs)) {
    recorder.closeUpTo(event.atUs)
    play(recorder, scenarioId, event)
  }
  recorder.finish(endUs)
  return windows
}

function play(recorder: Recorder, scenarioId: number, event: RunEvent): void {
  if (event.type === 'check') {
    recorder.recordCheck(recorder.check('shop', 'GET /a', 'schema'), event.reason)
  } else if (event.type === 'iteration') {
    recorder.iterationStarted(scenarioId, event.delayUs)
    recorder.iterationEnded(scenarioId, 'completed')
  } else if (event.type === 'drop') {
    recorder.dropped(scenarioId, 'user limit', event.count)
  } else {
    const startedAtUs = event.atUs - event.latencyUs
    const sample = sampleOf({
      seriesId: recorder.series(event.kind, 'shop', event.name),
      intendedAtUs: startedAtUs - event.delayUs,
      startedAtUs,
      endedAtUs: event.atUs,
      status: event.failure === 'status 503' ? 503 : event.failure === 'timeout' ? 0 : 200,
      failure: event.failure,
    })
    recorder.record(sample)
    if (event.retries !== undefined && event.retries > 0) recorder.retried(sample, event.retries)
  }
}

/** Windows of three workers over six seconds, of so many events at most. */
export const anyWindows = (eventsMax: number) =>
  fc
    .array(fc.record({ event: anyRunEvent, worker: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 1,
      maxLength: eventsMax,
    })
    .map(all =>
      [0, 1, 2].flatMap(worker =>
        windowsOf(
          worker,
          all.filter(one => one.worker === worker).map(({ event }) => event),
        ),
      ),
    )
