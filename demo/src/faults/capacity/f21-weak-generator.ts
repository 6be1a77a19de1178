import type { Fault } from '../fault.ts'
import { FaultInputError, number } from '../parameters.ts'

export const weakGenerator: Fault = {
  name: 'weak-generator',
  family: 'F21',
  about: 'the process that makes the load gets too little CPU time (Linux; it is stopped at times)',
  symptom: 'it sends less and later than it should and measures long times; the shop is idle',
  parameters: {
    pid: number('the load generator; there is no default', {
      ...{ default: 0, min: 0, max: 2 ** 31 - 1, drawn: [0, 0] },
    }),
    cores: number('CPU cores left to it', {
      ...{ default: 0.1, min: 0.02, max: 64, drawn: [0.05, 0.15], whole: false },
    }),
  },
  label: () => ({ service: 'generator', pattern: 'P21', resource: 'cpu' }),
  set: async (surface, { pid, cores }) => {
    const actor = await surface
      .startActor({
        name: 'weak-generator',
        module: new URL('../actors/weak-generator.ts', import.meta.url),
        args: { pid, cores, shopPid: process.pid },
      })
      .catch((error: unknown) => {
        throw error instanceof Error ? new FaultInputError(error.message) : error
      })
    return () => actor.stop()
  },
}
