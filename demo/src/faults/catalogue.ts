import type { Fault } from './fault.ts'
import { regression } from './versions/f22-regression.ts'
import { gcPressure, pauses, slowPath } from './tail/f14-pauses.ts'
import { slowDns } from './calls/f20-dns.ts'
import { heavyAnswers, sharedConnection } from './calls/f16-head-of-line.ts'
import { externalRateLimit, proxyRateLimit, rateLimit } from './calls/f15-rate-limits.ts'
import { smallPool } from './f08-pools.ts'

/** Every fault of the shop, by family. */
export const faults: readonly Fault[] = [
  smallPool,
  rateLimit,
  proxyRateLimit,
  externalRateLimit,
  sharedConnection,
  heavyAnswers,
  slowDns,
  pauses,
  gcPressure,
  slowPath,
  regression,
]
