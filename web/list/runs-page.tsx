import { useEffect, useState } from 'preact/hooks'
import { formatBytes, messageOf } from '../../src/base/index.ts'
import type { RunItem, ServerInfo } from '../../src/server/api.ts'
import { deleteRun, readRuns } from '../app/client.ts'
import { compareAddress } from '../app/route.ts'
import { SearchField } from '../app/search-field.tsx'
import { Trouble } from '../app/shell.tsx'
import { matches } from './filter.ts'
import { RunRows } from './run-rows.tsx'
import { StartForm } from './start-form.tsx'

/** How often the list is read again while a run is under way, ms. */
const againMs = 3000

/** All stored runs: find, open, compare, delete; and start another one. */
export function RunsPage({ info }: { readonly info: ServerInfo | undefined }) {
  const { runs, trouble, read } = useRuns()
  const canStart = info?.canStart === true && info.scripts.length > 0
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  if (trouble !== undefined) return <Trouble title="Runs" text={trouble} retry={read} />
  const shown = (runs ?? []).filter(run => matches(run, search))
  const some = runs !== undefined && runs.length > 0
  const choose = (id: string, wanted: boolean) =>
    setChosen(wanted ? [...chosen, id].slice(-2) : chosen.filter(other => other !== id))
  const remove = async (run: RunItem) => {
    if (!confirm(`Delete the run of ${run.script}? It cannot be brought back.`)) return
    await deleteRun(run.id).catch((error: unknown) => alert(messageOf(error)))
    choose(run.id, false)
    read()
  }
  return (
    <>
      {info?.canStart && <StartForm info={info} />}
      <section aria-labelledby="runs-title">
        <header class="section-head">
          <h1 id="runs-title">Runs</h1>
          {some && <span class="soft">{storedText(runs)}</span>}
          <span class="grow" />
          <CompareLink chosen={chosen} runs={runs ?? []} />
          {some && (
            <SearchField
              label="Filter by script, tag, verdict"
              placeholder="Filter: script, tag=value, verdict"
              value={search}
              onSearch={setSearch}
            />
          )}
        </header>
        <List {...{ runs, shown, chosen, choose, remove, canStart }} />
      </section>
    </>
  )
}

function List(props: {
  readonly runs: readonly RunItem[] | undefined
  readonly shown: readonly RunItem[]
  readonly chosen: readonly string[]
  readonly choose: (id: string, wanted: boolean) => void
  readonly remove: (run: RunItem) => Promise<void>
  readonly canStart: boolean
}) {
  const { runs, shown, canStart } = props
  if (!runs) return <p class="empty">Reading the list …</p>
  if (runs.length === 0) {
    return (
      <div class="empty card">
        <p>
          <b>No run yet.</b>
        </p>
        <p>
          Start one {canStart && 'above, or '}in a terminal:{' '}
          <code>loadstone run script.ts --ui</code>
        </p>
      </div>
    )
  }
  if (shown.length === 0) return <p class="empty card">No run matches this filter.</p>
  return <RunRows {...props} />
}

function CompareLink(props: {
  readonly chosen: readonly string[]
  readonly runs: readonly RunItem[]
}) {
  const { chosen, runs } = props
  const pair = runs
    .filter(({ id }) => chosen.includes(id))
    .sort((a, b) => a.startedAtUnixMs - b.startedAtUnixMs)
  const [base, candidate] = pair
  if (!base || !candidate) {
    return <span class="hint">{chosen.length === 1 ? 'Choose a second run to compare' : ''}</span>
  }
  return (
    <a class="button primary" href={compareAddress(base.id, candidate.id)}>
      Compare the two
    </a>
  )
}

function storedText(runs: readonly RunItem[]): string {
  const bytes = runs.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  return `${runs.length} stored, ${formatBytes(bytes)}`
}

function useRuns() {
  const [runs, setRuns] = useState<readonly RunItem[]>()
  const [trouble, setTrouble] = useState<string>()
  const read = () => {
    readRuns().then(
      list => {
        setRuns(list)
        setTrouble(undefined)
      },
      (error: unknown) => setTrouble(messageOf(error)),
    )
  }
  useEffect(read, [])
  const running = runs?.some(({ state }) => state === 'running') ?? false
  useEffect(() => {
    if (!running) return
    const timer = setInterval(read, againMs)
    return () => clearInterval(timer)
  }, [running])
  return { runs, trouble, read }
}
