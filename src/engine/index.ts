export { createEngine, type Engine, type EngineEnd } from './engine.ts'
export type { EngineOptions } from './engine-options.ts'
export { runSetup, runTeardown, type AroundRunOptions } from './setup.ts'
export { ExchangeAborted, RequiredExchangeFailed } from './http/index.ts'
