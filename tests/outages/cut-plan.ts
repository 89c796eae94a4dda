import { Draw } from '../support/draw.ts'

/** `end`: a FIN to both sides. `reset`: a RST. `silence`: no more data passes, without a notice. */
export const waysToCut = ['end', 'reset', 'silence'] as const
export type WayToCut = (typeof waysToCut)[number]

/** `up`: data from the client. */
export const directions = ['up', 'down'] as const
export type Direction = (typeof directions)[number]

/**
 * When a connection is cut. `open`: calls are in flight; `handshake`: during its hello or welcome; `resuming`: after
 * the handshake of a resumed session, while lost messages are repeated.
 */
export type CutStage = 'open' | 'handshake' | 'resuming'

/** One cut, in one direction of one connection. */
export interface Cut {
  readonly stage: CutStage
  readonly direction: Direction
  readonly way: WayToCut
  /** The place within the bytes of the stage, in [0, 1). */
  readonly at: number
}

/** The number of cuts in each stage. */
export type CutCounts = Readonly<Record<CutStage, number>>

/**
 * Draws the cuts of one run in order. Directions and ways alternate within each stage, so that each occurs equally
 * often. The order and the places are random. The first cut is in an open connection, because before that there is no
 * session to resume.
 */
export function cutPlan(seed: number, counts: CutCounts): Cut[] {
  const draw = new Draw(seed)
  const rest: Cut[] = []
  for (const stage of ['open', 'handshake', 'resuming'] as const) {
    for (let index = 0; index < counts[stage]; index++) {
      const direction = directions[index % directions.length] as Direction
      const way = waysToCut[Math.floor(index / directions.length) % waysToCut.length] as WayToCut
      rest.push({ stage, direction, way, at: draw.number() })
    }
  }
  const plan: Cut[] = []
  while (rest.length > 0) {
    const index =
      plan.length === 0 ? rest.findIndex(({ stage }) => stage === 'open') : draw.int(0, rest.length - 1)
    plan.push(...rest.splice(index, 1))
  }
  return plan
}
