import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ServerInfo } from '../src/server/api.ts'
import './styles/all.css'
import { readInfo } from './app/client.ts'
import { followAddress, route } from './app/route.ts'
import { Shell } from './app/shell.tsx'
import { ComparePage } from './compare/compare-page.tsx'
import { RunsPage } from './list/runs-page.tsx'
import { RunPage } from './run/run-page.tsx'

function Dashboard() {
  const [info, setInfo] = useState<ServerInfo>()
  const { value: where } = route
  useEffect(() => {
    // Without it nothing but the start form and the version is missing; each page tells its own
    // trouble with the server.
    readInfo().then(setInfo, (error: unknown) => console.info(error))
  }, [where.view])
  return (
    <Shell home version={info?.loadstoneVersion}>
      {where.view === 'list' && <RunsPage info={info} />}
      {where.view === 'run' && <RunPage key={where.id} id={where.id} />}
      {where.view === 'compare' && (
        <ComparePage
          key={`${where.base} ${where.candidate}`}
          base={where.base}
          candidate={where.candidate}
        />
      )}
    </Shell>
  )
}

followAddress()
render(<Dashboard />, document.querySelector('#page')!)
