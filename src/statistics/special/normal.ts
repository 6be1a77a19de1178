import { bisect } from './bisect.ts'

const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/**
 * Chance that a standard normal variable is at most z, absolute error below 1e-14; 0 and 1 at the
 * infinities. Near the middle Marsaglia's series ("Evaluating the Normal Distribution", 2004,
 * formula of section 3), beyond |z| = 4 Laplace's continued fraction (NIST DLMF 7.9.1).
 */
export function normalCdf(z: number): number {
  if (z > 4) return 1 - normalCdf(-z)
  if (z < -4) return z < -38 ? 0 : lowerTail(-z)
  let term = z
  let sum = z
  for (let odd = 3; Math.abs(term) > 1e-17 && odd < 300; odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return 0.5 + sum * density(z)
}

function lowerTail(z: number): number {
  let fraction = z
  for (let k = 60; k >= 1; k--) fraction = z + k / fraction
  return density(z) / fraction
}

/** The z below which a standard normal variable lies with chance p (0..1, both excluded). */
export function normalQuantile(p: number): number {
  return bisect(z => normalCdf(z) < p, -38, 38)
}
