export type * from './messages.ts'
export type * from './transport.ts'
