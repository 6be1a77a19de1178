import type uPlot from 'uplot'
import type { RunModel } from '../../data/run-model.ts'
import { paint } from './paint.ts'

/** Draws what happened at a moment of the run, and greys what no total counts. */
export function drawMarks(plot: uPlot, model: RunModel): void {
  const { ctx: context, bbox } = plot
  const at = (seconds: number) => Math.round(plot.valToPos(seconds, 'x', true)) + 0.5
  context.save()
  context.beginPath()
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  context.clip()
  const warmUpEnd = at(model.warmUpSeconds)
  if (model.warmUpSeconds > 0 && warmUpEnd > bbox.left) {
    context.fillStyle = paint('--warm-up')
    context.fillRect(bbox.left, bbox.top, warmUpEnd - bbox.left, bbox.height)
  }
  context.lineWidth = devicePixelRatio
  context.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
  for (const { atUs, kind } of model.page.peek().marks) {
    const x = at(atUs / 1e6)
    context.strokeStyle = context.fillStyle = paint(`--mark-${kind}`) || paint('--text-soft')
    context.beginPath()
    context.moveTo(x, bbox.top)
    context.lineTo(x, bbox.top + bbox.height)
    context.stroke()
    drawFlag(context, x, bbox.top)
  }
  context.restore()
}

function drawFlag(context: CanvasRenderingContext2D, x: number, top: number): void {
  const size = 4 * devicePixelRatio
  context.beginPath()
  context.moveTo(x - size, top)
  context.lineTo(x + size, top)
  context.lineTo(x, top + size * 1.3)
  context.fill()
}
