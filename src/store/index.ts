export { openStore, type OpenOptions } from './open-store.ts'
export type * from './stored-run.ts'
