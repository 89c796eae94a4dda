import { Draw } from '../support/draw.ts'

/** `end`: a FIN to both sides. `reset`: a RST. `silence`: nothing more goes through, and nobody is told. */
export const waysToCut = ['end', 'reset', 'silence'] as const
export type WayToCut = (typeof waysToCut)[number]

/** `up`: what the client sends. */
export const directions = ['up', 'down'] as const
export type Direction = (typeof directions)[number]

/**
 * When a connection is cut: `open`: calls are under way; `handshake`: inside its hello or its welcome; `resuming`: behind the handshake of a
 * session that goes on, while what was lost is sent again.
 */
export type CutStage = 'open' | 'handshake' | 'resuming'

/** One cut, in one direction of one connection. */
export interface Cut {
  readonly stage: CutStage
  readonly direction: Direction
  readonly way: WayToCut
  /** Where in the bytes that the stage has, in [0, 1). */
  readonly at: number
}

/** How often each stage is cut. */
export type CutCounts = Readonly<Record<CutStage, number>>

/**
 * Draws the cuts of one run in their order. Directions and ways take turns within each stage, so that each is there as often; the
 * order and the bytes are drawn. The first cut is of an open connection: before it there is no session that could resume.
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
