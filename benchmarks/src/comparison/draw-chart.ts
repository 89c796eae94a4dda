import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Bar } from './chart.ts'
import type { Entry } from './contestants.ts'

/** As SVG, without a browser (https://vega.github.io/vega/docs/api/view/#view_toSVG). */
export function drawChart(bars: readonly Bar[], reference: string): Promise<string> {
  return new View(parse(compile(chartOf(bars, reference)).spec), { renderer: 'none' }).toSVG()
}

/** Ours, hand-written programs, and rivals: colours that also differ in brightness. */
const colours: Readonly<Record<Entry['role'], string>> = {
  ours: '#1f6feb',
  bound: '#8c959f',
  rival: '#d4a72c',
}
const columns = 2

/** A panel for each row, with a bar for each contestant and a line from its lowest to its highest round. */
function chartOf(bars: readonly Bar[], reference: string): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: `Speed, ${reference} = 1: longer is faster`, anchor: 'start', fontSize: 15 },
    columns,
    concat: [...new Set(bars.map(({ row }) => row))].map((row) => panelOf(row, bars)),
    config: { background: 'white', view: { stroke: null }, axis: { domain: false } },
  }
}

function panelOf(row: string, bars: readonly Bar[]) {
  const y = { field: 'contestant', type: 'nominal', sort: null, title: null } as const
  const axis = { grid: false, tickCount: 5 } as const
  const ofRole = {
    field: 'role',
    type: 'nominal',
    scale: { domain: Object.keys(colours), range: Object.values(colours) },
    legend: null,
  } as const
  return {
    title: { text: row, anchor: 'start', fontSize: 11 } as const,
    data: { values: bars.filter((bar) => bar.row === row) },
    width: 280,
    encoding: { y },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.75 } } as const,
        encoding: { x: { field: 'speed', type: 'quantitative', title: null, axis }, color: ofRole } as const,
      },
      {
        mark: { type: 'rule', opacity: 0.6 } as const,
        encoding: { x: { field: 'lowest', type: 'quantitative' }, x2: { field: 'highest' } } as const,
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 10 } as const,
        encoding: {
          x: { field: 'highest', type: 'quantitative' },
          text: { field: 'speed', type: 'quantitative', format: '.2f' },
        } as const,
      },
    ],
  }
}
