export * from './metric-family.ts'
export * from './buckets.ts'
export { methodOf, RunFamilies, type FamilyFacts } from './run-families.ts'
export { boundText, prometheusText, prometheusTextType } from './prometheus-text.ts'
