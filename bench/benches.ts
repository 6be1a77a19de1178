import { comparison } from './comparison.bench.ts'
import { comparisonNames } from './comparison-names.bench.ts'
import { dashboard } from './dashboard.bench.ts'
import { hotPath } from './hot-path.bench.ts'
import { memory } from './memory.bench.ts'
import { againstPeers } from './peers.bench.ts'
import type { Bench } from './rig/bench.ts'
import { startDelay } from './start-delay.bench.ts'
import { storing } from './store.bench.ts'
import { truth } from './truth.bench.ts'
import { workers } from './workers.bench.ts'

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  hotPath,
  workers,
  memory,
  startDelay,
  truth,
  comparison,
  comparisonNames,
  dashboard,
  storing,
  againstPeers,
]
