import type { Fault } from './fault.ts'
import { smallPool } from './f08-pools.ts'

/** Every fault of the shop, by family. */
export const faults: readonly Fault[] = [smallPool]
