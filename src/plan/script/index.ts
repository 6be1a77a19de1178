/** What a script gets from 'loadstone' at run time: small, and free of all that makes load. */
export { csv } from './data.ts'
export { between, constant, exponential, pacing } from './think-time.ts'
export { plan, scenario } from './scenario.ts'
