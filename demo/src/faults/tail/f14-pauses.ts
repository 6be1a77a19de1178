import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

const service = choice('whose process', ['catalog', 'pricing', 'inventory', 'cart', 'order'])

export const pauses: Fault = {
  name: 'pauses',
  family: 'F14',
  about: 'a process reads large documents in its event loop at regular times',
  symptom: 'all its requests of that moment wait: a few answers take many times as long',
  parameters: {
    service,
    everyMs: number('time between two pauses', {
      ...{ default: 1_000, min: 100, max: 60_000, drawn: [800, 1_500] },
    }),
    pauseMs: number('CPU time of one pause', {
      ...{ default: 250, min: 10, max: 5_000, drawn: [250, 600] },
    }),
  },
  label: values => {
    return { service: String(values['service']), pattern: 'P24', resource: 'event loop' }
  },
  set: (surface, values) =>
    surface.changeService(
      { service: values['service'] as ServiceName },
      { pauseEveryMs: Number(values['everyMs']), pauseMs: Number(values['pauseMs']) },
    ),
}

export const gcPressure: Fault = {
  name: 'gc-pressure',
  family: 'F14',
  about: 'a process keeps many small objects, and a library asks for full collections at times',
  symptom: 'the garbage collector stops the process for long, so some answers are late',
  parameters: {
    service,
    everyMs: number('time between two full collections', {
      ...{ default: 800, min: 100, max: 60_000, drawn: [500, 900] },
    }),
    keptMb: number('kept in small objects, MB: how long a collection takes', {
      ...{ default: 250, min: 1, max: 800, drawn: [250, 400] },
    }),
  },
  label: values => {
    return { service: String(values['service']), pattern: 'P24', resource: 'garbage collector' }
  },
  set: (surface, values) =>
    surface.changeService(
      { service: values['service'] as ServiceName },
      {
        collectEveryMs: Number(values['everyMs']),
        liveBytes: Number(values['keptMb']) * 1_000_000,
      },
    ),
}

export const slowPath: Fault = {
  name: 'slow-path',
  family: 'F14',
  about: 'a few requests for goods run a query that no index helps',
  symptom: 'p99 is many times p95; the same request id is slow again',
  parameters: {
    share: number('share of requests', {
      ...{ default: 0.01, min: 0.0001, max: 1, drawn: [0.008, 0.03], whole: false },
    }),
    comparedGoods: number('goods compared with all others: how slow', {
      ...{ default: 100, min: 1, max: 1_500, drawn: [60, 300] },
    }),
  },
  label: () => ({ service: 'catalog', pattern: 'P14', resource: 'query without an index' }),
  set: (surface, values) =>
    surface.changeService(
      { service: 'catalog' },
      {
        slowPathRatio: Number(values['share']),
        slowPathComparedGoods: Number(values['comparedGoods']),
      },
    ),
}
