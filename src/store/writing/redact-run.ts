import { hiddenSecret, isSecretName, withoutUrlSecrets } from '../../base/index.ts'
import type { ScenarioPlan, TestPlan } from '../../plan/index.ts'

/**
 * The plan as it may be kept for years and shown to anyone: without values of its environment,
 * private keys, and passwords in addresses and headers. That there was one can still be seen.
 */
export function withoutSecrets(plan: TestPlan): TestPlan {
  const names = Object.keys(plan.env)
  return {
    ...plan,
    env: Object.fromEntries(names.map(name => [name, hiddenSecret])),
    scenarios: plan.scenarios.map(withoutScenarioSecrets),
  }
}

function withoutScenarioSecrets(scenario: ScenarioPlan): ScenarioPlan {
  const { headers, tls, proxy, target } = scenario
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    isSecretName(name) ? hiddenSecret : value,
  ])
  return {
    ...scenario,
    target: { ...target, origin: withoutUrlSecrets(target.origin) },
    headers: Object.fromEntries(shown) as Record<string, string>,
    tls: { ...tls, key: tls.key && hiddenSecret },
    proxy: proxy && withoutUrlSecrets(proxy),
  }
}
