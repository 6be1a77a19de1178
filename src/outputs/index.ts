export { outputKinds, parseOutput, type OutputKind, type OutputTarget } from './output-target.ts'
export { otlpSettings } from './otlp/otlp-settings.ts'
export type { OutputPlace } from './output.ts'
export { RunOutputs } from './run-outputs.ts'
