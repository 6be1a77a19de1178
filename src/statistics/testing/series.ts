import { seededRandom } from '../../base/index.ts'
import { normal } from './queue.ts'

/** Normal values whose neighbours correlate by `correlation` (AR(1)), standard deviation 1. */
export function correlatedSeries(
  length: number,
  correlation: number,
  stream: string,
): Float64Array {
  const random = seededRandom(11, stream)
  let value = normal(random)
  return Float64Array.from({ length }, () => {
    value = correlation * value + Math.sqrt(1 - correlation ** 2) * normal(random)
    return value
  })
}
