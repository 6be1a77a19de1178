export { openStore, type OpenOptions } from './open-store.ts'
export { asSpan } from './writing/spans.ts'
export type * from './stored-run.ts'
