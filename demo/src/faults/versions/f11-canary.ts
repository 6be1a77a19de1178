import { canaryRouting } from '../../proxy/defaults.ts'
import type { Fault, FaultLabel } from '../fault.ts'
import { number } from '../parameters.ts'

const canary = { service: 'recommendation', version: 'canary-v2' } as const
const label = (resource: string) => (): FaultLabel => {
  return { service: canary.service, pattern: 'P11', resource }
}

export const slowCanary: Fault = {
  name: 'slow-canary',
  family: 'F11',
  about: "the canary's model needs many times the arithmetic for each list",
  symptom: 'recommendations of canary-v2 are slower than those of stable',
  parameters: {
    rounds: number('rounds of arithmetic for one list, 10 in the stable version', {
      ...{ default: 200_000, min: 10, max: 1_000_000, drawn: [200_000, 600_000] },
    }),
  },
  label: label('code of canary-v2'),
  set: (surface, { rounds }) => surface.changeService(canary, { rankingRounds: Number(rounds) }),
}

export const failingCanary: Fault = {
  name: 'failing-canary',
  family: 'F11',
  about: "the canary's model has no weights for some products and fails on them",
  symptom: 'a share of the recommendations of canary-v2 is 500, always for the same products',
  parameters: {
    failRatio: number('share of the products', {
      ...{ default: 0.3, min: 0.001, max: 1, drawn: [0.2, 0.6], whole: false },
    }),
  },
  label: label('code of canary-v2'),
  set: (surface, { failRatio }) =>
    surface.changeService(canary, { untrainedRatio: Number(failRatio) }),
}

export const wrongWeight: Fault = {
  name: 'wrong-weight',
  family: 'F11',
  about: 'the canary gets another share of the requests than was meant',
  symptom: 'far more recommendations than meant come from canary-v2',
  parameters: {
    percent: number('what canary-v2 gets', { default: 50, min: 0, max: 100, drawn: [25, 90] }),
  },
  label: label('routing weight'),
  set: (surface, { percent }) =>
    surface.changeRouting(canary.service, canaryRouting(Number(percent))),
}

export const ignoredHeader: Fault = {
  name: 'ignored-header',
  family: 'F11',
  about: 'routing no longer looks at the header that is to lead to the canary',
  symptom: 'beta testers get the stable version, except for the share that everybody gets',
  parameters: {
    percent: number('what canary-v2 gets of all requests', { default: 10, min: 0, max: 100 }),
  },
  label: label('routing by header'),
  set: (surface, { percent }) => {
    const { weights } = canaryRouting(Number(percent))
    return surface.changeRouting(canary.service, { weights })
  },
}
