import type { TestPlan } from '../../plan/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Surroundings } from '../surroundings.ts'
import { quietView, type RunView } from './run-view.ts'

export interface ViewOptions {
  readonly plan: TestPlan
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/** The view that fits where the output goes. */
export function openView({ flags, surroundings }: ViewOptions): RunView {
  const { output } = surroundings
  if (flags.quiet === true) return quietView(output)
  return quietView(output)
}
