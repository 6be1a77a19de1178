import { formatFinding, type LintFinding } from '../lint/finding.ts'
import { lintSources } from '../lint/lint-script.ts'
import { makePlan } from '../parse/make-plan.ts'
import { scenario, type ScenarioSettings, type Sources } from '../script/scenario.ts'

/** Findings of one rule in a script's text, as a user reads them, without the file. */
export async function findingsOf(
  rule: string,
  text: string,
  settings: ScenarioSettings<Sources> = {},
): Promise<string[]> {
  const findings = await lintText(text, settings)
  return findings
    .filter(finding => finding.rule === rule)
    .map(finding => formatFinding(finding).replace(/^\/s\/a\.ts:/, ''))
}

/** All findings in a script's text, for a plan of one scenario with these settings. */
export async function lintText(
  text: string,
  settings: ScenarioSettings<Sources> = {},
): Promise<readonly LintFinding[]> {
  const options = { target: 'http://127.0.0.1:8080', iteration: async () => {}, ...settings }
  const script = { options: { scenarios: [scenario('x', options)] }, scriptPath: '/s/a.ts' }
  const { plan } = await makePlan(script, { randomSeed: 1 })
  return lintSources([{ path: '/s/a.ts', text }], plan)
}
