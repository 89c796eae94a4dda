import type { Place, Row } from './summary.ts'
import { bytes, count } from './table.ts'

/**
 * One panel for each place, and in it a bar for each contestant: its ratio to node:net, with a line from the lowest to
 * the highest ratio.
 */
const panel = { width: 300, barHeight: 13, barGap: 4, head: 34, left: 118, right: 34, gap: 18 }
const margin = 16
const titleHeight = 30

const style = `
  text { font: 11px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .panel { font-size: 12px; font-weight: 600 }
  .figure { font-size: 10px }
  .one { stroke: #57606a; stroke-dasharray: 3 3 }
  .spread { stroke: #24292f; stroke-opacity: 0.55 }
  .callback { fill: #1f6feb }
  .iterator { fill: #79b8ff }
  .limit { fill: #8c959f }
  .other { fill: #d4a72c }
  @media (prefers-color-scheme: dark) {
    text { fill: #d1d9e0 }
    .one { stroke: #9198a1 }
    .spread { stroke: #d1d9e0 }
    .callback { fill: #4493f8 }
    .iterator { fill: #1f4b86 }
    .limit { fill: #656c76 }
    .other { fill: #9e6a03 }
  }
`

export function drawChart(places: readonly Place[]): string {
  const columns = Math.max(1, new Set(places.map(({ connections, depth }) => `${connections}x${depth}`)).size)
  const rowsMost = Math.max(0, ...places.map(({ rows }) => rows.length))
  const panelHeight = panel.head + rowsMost * (panel.barHeight + panel.barGap)
  const width = 2 * margin + columns * (panel.width + panel.gap) - panel.gap
  const lines = Math.ceil(places.length / columns)
  const height = 2 * margin + titleHeight + lines * (panelHeight + panel.gap)
  const panels = places.map((place, at) => {
    const x = margin + (at % columns) * (panel.width + panel.gap)
    const y = margin + titleHeight + Math.floor(at / columns) * (panelHeight + panel.gap)
    return `<g transform="translate(${x} ${y})">${drawPanel(place)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Echoed frames a second as a ratio to node:net</title>`,
    `<style>${style}</style>`,
    `<text class="title" x="${margin}" y="${margin + 12}">Echoed frames a second, node:net = 1</text>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ payloadBytes, connections, depth, rows }: Place): string {
  const highest = Math.max(1, ...rows.map(({ ratio }) => ratio.highest).filter(Number.isFinite))
  const scale = (panel.width - panel.left - panel.right) / highest
  const barsHeight = rows.length * (panel.barHeight + panel.barGap)
  const one = panel.left + scale
  return [
    `<text class="panel" y="12">${bytes(payloadBytes)} · ${count(connections, 'connection')} × ${depth}</text>`,
    ...rows.map((row, at) => drawBar(row, panel.head - 14 + at * (panel.barHeight + panel.barGap), scale)),
    `<line class="one" x1="${one}" x2="${one}" y1="${panel.head - 18}" y2="${panel.head - 14 + barsHeight}"/>`,
  ].join('\n')
}

function drawBar({ contestant, ratio }: Row, y: number, scale: number): string {
  const length = (value: number) => (value * scale).toFixed(1)
  const middle = y + panel.barHeight / 2
  const end = panel.left + Number(length(ratio.highest)) + 4
  return [
    `<text x="${panel.left - 6}" y="${middle + 4}" text-anchor="end">${contestant}</text>`,
    `<rect class="${kind(contestant)}" x="${panel.left}" y="${y}" width="${length(ratio.median)}" height="${panel.barHeight}" rx="2"/>`,
    `<line class="spread" x1="${panel.left + Number(length(ratio.lowest))}" x2="${panel.left + Number(length(ratio.highest))}" y1="${middle}" y2="${middle}"/>`,
    `<text class="figure" x="${end}" y="${middle + 3.5}">${ratio.median.toFixed(2)}</text>`,
  ].join('')
}

function kind(contestant: string): string {
  if (contestant === 'c++') return 'limit'
  const style = contestant.split('/')[1]
  return style === 'callback' || style === 'iterator' ? style : 'other'
}
