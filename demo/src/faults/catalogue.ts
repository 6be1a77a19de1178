import type { Fault } from './fault.ts'
import { regression } from './versions/f22-regression.ts'
import { gcPressure, pauses, slowPath } from './tail/f14-pauses.ts'
import { slowDns } from './calls/f20-dns.ts'
import { heavyAnswers, sharedConnection } from './calls/f16-head-of-line.ts'
import { externalRateLimit, proxyRateLimit, rateLimit } from './calls/f15-rate-limits.ts'
import { cpuQuota, maxReplicas, threadLimit } from './capacity/f03-hard-limits.ts'
import { hotRow, longTransactions, tableLock } from './data/f04-contention.ts'
import { callsInTransaction, leakedConnections, smallPool } from './data/f08-pools.ts'

/** Every fault of the shop, by family. */
export const faults: readonly Fault[] = [
  ...[cpuQuota, threadLimit, maxReplicas],
  ...[hotRow, longTransactions, tableLock],
  ...[smallPool, leakedConnections, callsInTransaction],
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
