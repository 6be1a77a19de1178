import type { Fault } from '../fault.ts'
import { number } from '../parameters.ts'

export const coldStarts: Fault = {
  name: 'cold-starts',
  family: 'F05',
  about: 'function instances are ended at once when idle, and new ones need long to initialise',
  symptom: 'documents that meet a new instance take many times as long as the others',
  parameters: {
    idleMs: number('how long an idle instance is kept', {
      ...{ default: 0, min: 0, max: 600_000, drawn: [0, 100] },
    }),
    initPasses: number('passes of some 0.4 ms CPU time that a new instance makes', {
      ...{ default: 1_000, min: 0, max: 100_000, drawn: [500, 4_000] },
    }),
  },
  label: () => ({ service: 'documents', pattern: 'P05', resource: 'cold start' }),
  set: (surface, { idleMs, initPasses }) =>
    surface.changeService(
      { service: 'documents' },
      { functionIdleMs: Number(idleMs), functionInitPasses: Number(initPasses) },
    ),
}

export const concurrencyLimit: Fault = {
  name: 'concurrency-limit',
  family: 'F05',
  about: 'only so many function invocations may run at once, and each begins a new instance',
  symptom: 'beyond that documents are refused with 429 at once; slower functions, more refusals',
  parameters: {
    invocationsMax: number('invocations at once', {
      ...{ default: 1, min: 1, max: 1_000, drawn: [1, 1] },
    }),
    initPasses: number('passes of some 0.4 ms CPU time before each: how long it runs', {
      ...{ default: 1_500, min: 0, max: 100_000, drawn: [1_500, 2_500] },
    }),
  },
  label: () => ({ service: 'documents', pattern: 'P05', resource: 'function concurrency' }),
  set: (surface, { invocationsMax, initPasses }) =>
    surface.changeService(
      { service: 'documents' },
      {
        functionConcurrencyMax: Number(invocationsMax),
        ...{ functionIdleMs: 0, functionInitPasses: Number(initPasses) },
      },
    ),
}
