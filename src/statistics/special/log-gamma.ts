/** Coefficients B(2k) / (2k (2k-1)) of Stirling's series, k = 1 to 7. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156] as const
const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)

/**
 * Logarithm of the gamma function for x > 0, relative error about 1e-15. Stirling's series
 * (NIST DLMF 5.11.1), after raising x to at least 10 by gamma(x + 1) = x gamma(x).
 */
export function logGamma(x: number): number {
  let raised = x
  let product = 1
  while (raised < 10) product *= raised++
  const inverseSquare = 1 / (raised * raised)
  let series = 0
  for (let k = stirling.length - 1; k >= 0; k--) series = series * inverseSquare + stirling[k]!
  const value = (raised - 0.5) * Math.log(raised) - raised + halfLogTwoPi + series / raised
  return value - Math.log(product)
}
