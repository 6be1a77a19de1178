import { formatBytes } from '../../../src/base/index.ts'
import type { RunModel } from '../../data/run-model.ts'

/** Scenarios, and where and with what the run was made. */
export function Environment({ model }: { readonly model: RunModel }) {
  const { environment, scenarios, seed } = model.page.value
  const { git } = environment
  const facts: readonly (readonly [string, string])[] = [
    ['Loadstone', environment.loadstoneVersion],
    ['Node', environment.nodeVersion],
    ['System', environment.system],
    ['Host', environment.host],
    ['CPU', `${environment.cpuModel}, ${environment.cores} cores`],
    ['Memory', formatBytes(environment.memoryBytes)],
    ...(git
      ? [['Commit', `${git.commit.slice(0, 10)} on ${git.branch}${git.dirty ? ', changed' : ''}`]]
      : []),
    ['Seed', String(seed)],
  ].map(([label = '', value = '']) => [label, value] as const)
  return (
    <section class="about" aria-labelledby="about-title">
      <h2 id="about-title">How it was made</h2>
      <ul class="scenarios">
        {scenarios.map(one => (
          <li key={one.scenario} class="card">
            <b>{one.scenario}</b>
            <span class="chip">{one.model} model</span>
            <span>{one.load}</span>
            <span class="soft mono">{one.target}</span>
          </li>
        ))}
      </ul>
      <dl class="environment">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
