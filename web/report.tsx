import { render } from 'preact'
import { messageOf } from '../src/base/index.ts'
import './styles/all.css'
import { Shell, Trouble } from './app/shell.tsx'
import { RunModel } from './data/run-model.ts'
import { RunView } from './run/run-view.tsx'
import { readEmbedded } from './data/embedded.ts'

const place = document.querySelector('#page')!

async function show(): Promise<void> {
  const { page, seconds, spanSeconds } = await readEmbedded(document)
  const model = new RunModel(page)
  document.title = `${page.item.script} · Loadstone`
  await model.add(seconds)
  render(
    <Shell home={false} version={page.environment.loadstoneVersion}>
      <RunView model={model} />
      {spanSeconds > 1 && (
        <p class="hint">
          To keep this file small its charts have one point for {spanSeconds} seconds. The figures
          of the whole run are exact; those of a range are of whole points.
        </p>
      )}
    </Shell>,
    place,
  )
}

show().catch((error: unknown) => {
  render(<Trouble text={`This report cannot be read: ${messageOf(error)}`} />, place)
})
