import { bisect } from './bisect.ts'
import { incompleteBeta } from './incomplete-beta.ts'
import { normalCdf } from './normal.ts'

/** With so many degrees of freedom the two distributions agree to 1e-7. */
const normalFrom = 1e7

/**
 * Chance that Student's t with `freedom` degrees of freedom (above 0, fractions allowed) is at most
 * t. Formula: P(T > t) = I_x(freedom / 2, 1 / 2) / 2, x = freedom / (freedom + t^2), for t >= 0
 * (Abramowitz & Stegun 26.7.1 with 26.5.27).
 */
export function studentCdf(t: number, freedom: number): number {
  if (freedom >= normalFrom) return normalCdf(t)
  const tail = incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** The t below which Student's t with `freedom` degrees lies with chance p (0..1, excluded). */
export function studentQuantile(p: number, freedom: number): number {
  return bisect(t => studentCdf(t, freedom) < p, -1e6, 1e6)
}
