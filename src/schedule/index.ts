export type * from './load-profile.ts'
