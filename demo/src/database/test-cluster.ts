import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DatabaseAddress } from '../kit/data/database.ts'
import type { FromKeeper } from '../protocol.ts'

/** A PostgreSQL of a test's own, by the shop's own keeper. */
export interface TestCluster {
  readonly address: DatabaseAddress
  /** Resolves when its processes and its folder are gone. */
  stop(): Promise<void>
}

/** Takes about a second; a test file starts one for all its tests. */
export async function startTestCluster(): Promise<TestCluster> {
  const keeper = fork(fileURLToPath(new URL('keeper.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    detached: true,
  })
  const exited = once(keeper, 'exit')
  const address = await new Promise<DatabaseAddress>((resolve, reject) => {
    keeper.on('message', message => {
      const said = message as FromKeeper
      if (said.kind === 'started') resolve(said.address)
      if (said.kind === 'failed') reject(new Error(said.message))
    })
    void exited.then(() => reject(new Error('the keeper ended by itself')))
  })
  return {
    address,
    stop: async () => {
      keeper.disconnect()
      await exited
    },
  }
}
