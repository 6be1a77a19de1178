import type { Fault } from './fault.ts'
import { regression } from './versions/f22-regression.ts'
import { gcPressure, pauses, slowPath } from './tail/f14-pauses.ts'
import { chatty, onePerItem, serialised } from './calls/f17-chatty.ts'
import { slowDns } from './calls/f20-dns.ts'
import { tlsPerRequest } from './calls/f13-handshakes.ts'
import { sidecarCpu } from './capacity/f12-sidecar.ts'
import { heavyAnswers, sharedConnection } from './calls/f16-head-of-line.ts'
import { externalRateLimit, proxyRateLimit, rateLimit } from './calls/f15-rate-limits.ts'
import { strictBreaker, strictOutlier } from './calls/f09-breakers.ts'
import { cascade } from './calls/f07-cascade.ts'
import { proxyRetryStorm, retryStorm } from './calls/f06-retries.ts'
import { slowBank, slowDarkDependency, slowDependency } from './calls/f02-slow-dependency.ts'
import { slowAutoscaling, wrongMetric } from './capacity/f01-autoscaling.ts'
import { coldStarts, concurrencyLimit } from './capacity/f05-functions.ts'
import { pinnedConnections, slowReplica, stickyBalancing } from './versions/f10-balancing.ts'
import { failingCanary, ignoredHeader, slowCanary, wrongWeight } from './versions/f11-canary.ts'
import { cpuQuota, maxReplicas, threadLimit } from './capacity/f03-hard-limits.ts'
import { hotRow, longTransactions, tableLock } from './data/f04-contention.ts'
import { weakGenerator } from './capacity/f21-weak-generator.ts'
import { noisyJob } from './data/f18-noisy-job.ts'
import { blockedConsumers, onePartition, slowConsumers } from './data/f19-queues.ts'
import { callsInTransaction, leakedConnections, smallPool } from './data/f08-pools.ts'

/** Every fault of the shop, by family. */
export const faults: readonly Fault[] = [
  ...[slowAutoscaling, wrongMetric],
  ...[slowDependency, slowDarkDependency, slowBank],
  ...[cpuQuota, threadLimit, maxReplicas],
  ...[hotRow, longTransactions, tableLock],
  ...[coldStarts, concurrencyLimit],
  ...[retryStorm, proxyRetryStorm],
  cascade,
  ...[smallPool, leakedConnections, callsInTransaction],
  ...[strictBreaker, strictOutlier],
  ...[stickyBalancing, slowReplica, pinnedConnections],
  ...[slowCanary, failingCanary, wrongWeight, ignoredHeader],
  sidecarCpu,
  tlsPerRequest,
  ...[pauses, gcPressure, slowPath],
  ...[rateLimit, proxyRateLimit, externalRateLimit],
  ...[sharedConnection, heavyAnswers],
  ...[onePerItem, chatty, serialised],
  noisyJob,
  ...[slowConsumers, blockedConsumers, onePartition],
  slowDns,
  weakGenerator,
  regression,
]
