export type * from './script/exchange.ts'
export type * from './script/user.ts'
export * from './script/data.ts'
export * from './script/think-time.ts'
export type * from './script/load.ts'
export * from './script/scenario.ts'
export type * from './test-plan.ts'
export type * from './script-module.ts'
export { bundleScript } from './bundle/bundle-script.ts'
export { loadScript, type LoadedScript } from './bundle/load-script.ts'
export { makePlan, type MadePlan } from './parse/make-plan.ts'
export type { PlanOverrides, ProxySettings } from './parse/overrides.ts'
export {
  guardPlan,
  howToAllow,
  refusalOf,
  type GuardOptions,
  type PlanLimits,
} from './guard/guard-plan.ts'
export { hostGuard, type HostGuard, type HostVerdict, type Lookup } from './guard/host-guard.ts'
export { headerNameFault, headerValueFault, sessionHeaderFault } from './header-rules.ts'
export { lintScript } from './lint/lint-script.ts'
export { formatFinding, type LintFinding } from './lint/finding.ts'
