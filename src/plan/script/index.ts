/** What a script gets at run time from 'loadstone': small, and free of everything that makes load. */
export { csv } from './data.ts'
export { between, constant, exponential, pacing } from './think-time.ts'
export { plan, scenario } from './scenario.ts'
