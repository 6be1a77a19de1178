import type { RunItem } from '../../src/server/api.ts'
import { hasWords } from '../app/has-words.ts'

/** Whether a run matches every word: in its script, its id, its state or verdict, or its tags. */
export function matches(run: RunItem, search: string): boolean {
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`)
  const text = [run.script, run.id, run.state, run.verdict ?? '', ...tags].join('\n')
  return hasWords(text, search)
}
