export { createEngine, type Engine, type EngineEnd, type EngineOptions } from './engine.ts'
