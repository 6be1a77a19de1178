import { readFile } from 'node:fs/promises'
import { displayPath } from '../bundle/display-path.ts'
import { ownFilesOf } from '../bundle/source-position.ts'
import type { ScriptBundle, TestPlan } from '../test-plan.ts'
import { dependentSteps } from './answers/dependent-steps.ts'
import { loginUnchecked } from './answers/login-unchecked.ts'
import { missingAwait } from './answers/missing-await.ts'
import { noCleanup } from './answers/no-cleanup.ts'
import { silentPoll } from './answers/silent-poll.ts'
import { authorizationLeak } from './credentials/authorization-leak.ts'
import { secretInSource } from './credentials/secret-in-source.ts'
import { sharedAccount } from './credentials/shared-account.ts'
import type { LintFinding, Remark } from './finding.ts'
import { scriptFacts, type ScriptFacts, type SourceText } from './script-facts.ts'
import { healthOnly } from './traffic/health-only.ts'
import { noThinkTime } from './traffic/no-think-time.ts'
import { oneCorrelationId } from './traffic/one-correlation-id.ts'
import { oneEndpoint } from './traffic/one-endpoint.ts'
import { tinyIdPool } from './traffic/tiny-id-pool.ts'
import { valueInTemplate } from './traffic/value-in-template.ts'

/** A rule looks at the facts and the plan and has remarks, or none. */
export type LintRule = (facts: ScriptFacts, plan: TestPlan) => readonly Remark[]

/** Every rule by its name. */
const lintRules: Readonly<Record<string, LintRule>> = {
  'no-think-time': noThinkTime,
  'one-endpoint': oneEndpoint,
  'health-only': healthOnly,
  'value-in-template': valueInTemplate,
  'tiny-id-pool': tinyIdPool,
  'one-correlation-id': oneCorrelationId,
  'missing-await': missingAwait,
  'login-unchecked': loginUnchecked,
  'dependent-steps': dependentSteps,
  'no-cleanup': noCleanup,
  'silent-poll': silentPoll,
  'shared-account': sharedAccount,
  'secret-in-source': secretInSource,
  'authorization-leak': authorizationLeak,
}

/**
 * Looks through a script's own files (not its packages) for what makes a load test mislead, leak
 * or leave things behind. Findings come in the order of file and line, those of the whole script
 * first. A comment `// loadstone-ignore <rule>` anywhere in the script switches a rule off.
 */
export async function lintScript(script: {
  readonly plan: TestPlan
  readonly bundle: ScriptBundle
}): Promise<readonly LintFinding[]> {
  const sources = await Promise.all(
    ownFilesOf(script.bundle).map(async path => ({ path, text: await readFile(path, 'utf8') })),
  )
  return lintSources(sources, script.plan)
}

/** The same for texts that are in memory. */
export async function lintSources(
  sources: readonly SourceText[],
  plan: TestPlan,
): Promise<readonly LintFinding[]> {
  const { default: ts } = await import('typescript')
  const facts = scriptFacts(
    ts,
    sources,
    plan.scenarios.map(({ target }) => target.origin),
  )
  const ignored = ignoredRules(sources)
  return Object.entries(lintRules)
    .filter(([rule]) => !ignored.has(rule))
    .flatMap(([rule, look]) => look(facts, plan).map(remark => findingOf(rule, remark)))
    .sort(byPlace)
}

function ignoredRules(sources: readonly SourceText[]): ReadonlySet<string> {
  const marks = sources.flatMap(({ text }) => [...text.matchAll(/loadstone-ignore\s+([\w-]+)/g)])
  return new Set(marks.map(mark => mark[1] ?? ''))
}

function findingOf(rule: string, { severity, message, node }: Remark): LintFinding {
  if (node === undefined) return { rule, severity, message, file: undefined, line: undefined }
  const source = node.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(node.getStart())
  return { rule, severity, message, file: displayPath(source.fileName), line: line + 1 }
}

const byPlace = (a: LintFinding, b: LintFinding) =>
  (a.file ?? '').localeCompare(b.file ?? '') || (a.line ?? 0) - (b.line ?? 0)
