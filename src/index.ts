/** What scripts import from 'loadstone'. */
export { between, constant, csv, exponential, pacing, plan, scenario } from './plan/index.ts'
export type {
  Check,
  DataSource,
  Expect,
  HttpSession,
  Load,
  PlanOptions,
  RequestOptions,
  Response,
  Scenario,
  ScenarioOptions,
  SetupContext,
  Stage,
  StandardSchema,
  ThinkTime,
  User,
} from './plan/index.ts'
