import { byteSize } from '../byte-sizes.ts'
import type { FiguresRow, FiguresTable } from '../figures-contract.ts'
import { neutralised } from '../safe-text.ts'

/** One figure of a server, as terminals and pages show it. */
export interface FiguresColumn {
  /** For a terminal. */
  readonly title: string
  /** For a page. */
  readonly name: string
  /** If not all columns fit, those with the lowest number are shown. */
  readonly rank: number
  /** The smallest width in a terminal, so that columns do not move when a figure grows. */
  readonly width?: number
  text(row: FiguresRow): string
}

type Rates = NonNullable<FiguresRow['rates']>

export const figuresColumns: readonly FiguresColumn[] = [
  { title: 'back end', name: 'Back end', rank: 4, text: ({ backend }) => neutralised(backend) },
  { title: 'conns', name: 'Connections', rank: 1, text: ({ connections }) => whole(connections) },
  { title: 'away', name: 'Away', rank: 8, text: ({ away }) => whole(away) },
  { title: 'calls/s', name: 'Calls/s', rank: 1, text: rate(({ calls }) => calls) },
  { title: 'failed/s', name: 'Failed/s', rank: 9, text: rate(({ callsFailed }) => callsFailed) },
  {
    title: 'longest',
    name: 'Longest',
    rank: 6,
    text: ofRates(({ longestCallMs }) => timeText(longestCallMs)),
  },
  { title: 'events/s', name: 'Events/s', rank: 2, text: rate(({ events }) => events) },
  {
    title: 'sent/s',
    width: 7,
    name: 'Sent/s',
    rank: 7,
    text: ofRates(({ bytesSent }) => byteSize(Math.round(bytesSent))),
  },
  { title: 'queued', width: 7, name: 'Queued', rank: 2, text: ({ queuedBytes }) => byteSize(queuedBytes) },
  { title: 'slow', name: 'Slow', rank: 3, text: ({ slow }) => whole(slow) },
  { title: 'cut off', name: 'Cut off', rank: 5, text: ({ cutOff }) => whole(cutOff) },
]

/**
 * `worker 2`, or `4f2a9c11`.
 *
 * @param hereMark follows the name of the server that the person is connected to, if there are several
 */
export function serverName(
  { server, label }: FiguresRow,
  { here, servers }: FiguresTable,
  hereMark: string,
): string {
  const name = neutralised(label === '' ? server.slice(0, 8) : label)
  return server === here && servers.length > 1 ? `${name} ${hereMark}` : name
}

/** `gone for 4 s`, for a silent server. */
export function goneText({ silentMs }: FiguresRow): string | undefined {
  return silentMs === undefined ? undefined : `gone for ${Math.round(silentMs / 1_000)} s`
}

/** The sum over the servers that are present; undefined if there is only one row. */
export function sumOf({ servers }: FiguresTable): FiguresRow | undefined {
  const there = servers.filter(({ silentMs }) => silentMs === undefined)
  if (servers.length < 2) return undefined
  const sum = (figure: (row: FiguresRow) => number) => there.reduce((all, row) => all + figure(row), 0)
  const rates = there.flatMap((row) => row.rates ?? [])
  const sumRate = (figure: (rates: Rates) => number) => rates.reduce((all, one) => all + figure(one), 0)
  return {
    server: 'all',
    label: 'all',
    backend: '',
    connections: sum(({ connections }) => connections),
    away: sum(({ away }) => away),
    queuedBytes: sum(({ queuedBytes }) => queuedBytes),
    slow: sum(({ slow }) => slow),
    cutOff: sum(({ cutOff }) => cutOff),
    ...(rates.length > 0 && {
      rates: {
        calls: sumRate(({ calls }) => calls),
        callsFailed: sumRate(({ callsFailed }) => callsFailed),
        events: sumRate(({ events }) => events),
        bytesSent: sumRate(({ bytesSent }) => bytesSent),
        longestCallMs: Math.max(...rates.map(({ longestCallMs }) => longestCallMs)),
      },
    }),
  }
}

function whole(figure: number): string {
  return figure.toLocaleString('en')
}

/** Shows a dash while the rates are not known. */
function ofRates(text: (rates: Rates) => string): FiguresColumn['text'] {
  return ({ rates }) => (rates === undefined ? '–' : text(rates))
}

function rate(figure: (rates: Rates) => number): FiguresColumn['text'] {
  return ofRates((rates) => {
    const perSecond = figure(rates)
    return whole(perSecond < 9.95 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond))
  })
}

function timeText(ms: number): string {
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
