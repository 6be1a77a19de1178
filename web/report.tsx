import { render } from 'preact'
import { messageOf } from '../src/base/index.ts'
import './styles/all.css'
import { Shell, Trouble } from './app/shell.tsx'
import { RunModel } from './data/run-model.ts'
import { ComparedSection } from './compare/compared-section.tsx'
import { RunView } from './run/run-view.tsx'
import { readEmbedded, type Embedded } from './data/embedded.ts'

const place = document.querySelector('#page')!

async function show(): Promise<void> {
  const embedded = await readEmbedded(document)
  const { page, comparison, seconds, outline } = embedded
  const model = new RunModel(page)
  document.title = `${page.item.script} · Loadstone`
  const together = outline.length === 0
  await model.add(outline, 'points')
  await model.add(seconds, together ? 'all' : 'names')
  render(
    <Shell home={false} version={page.environment.loadstoneVersion}>
      <RunView model={model} comparison={comparison && <ComparedSection page={comparison} />} />
      <p class="hint foot">{spanText(embedded)}</p>
    </Shell>,
    place,
  )
}

/** What was merged to keep the file small. */
function spanText({ spanSeconds, outline, outlineSpanSeconds }: Embedded): string {
  const charts = outline.length > 0 ? outlineSpanSeconds : spanSeconds
  if (spanSeconds <= 1) return 'Made by Loadstone. Every second of the run is in this file.'
  const points = (seconds: number) => (seconds === 1 ? '1 second' : `${seconds} seconds`)
  return (
    `Made by Loadstone. To keep this file small, a point of the charts stands for ` +
    `${points(charts)} and the tables hold ${points(spanSeconds)} together: a range counts those ` +
    `that it touches. The figures of the whole run are exact.`
  )
}

show().catch((error: unknown) => {
  render(<Trouble title="This report cannot be read" text={messageOf(error)} />, place)
})
