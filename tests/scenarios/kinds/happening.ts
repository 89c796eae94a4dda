import type { CallOptions } from '@frameport/client'
import { type Kind, kinds } from './contract.ts'
import { type Play, type StageName, stageNames, stages } from './stages.ts'

/** The results of a call on both sides. */
export interface Expectation {
  /**
   * `answer`, `left` for a loop that was left, or the code of its error. Several values if the two sides race, and each
   * result is correct.
   */
  readonly caller: string | readonly string[]
  /** The value in the error. Default: not checked. */
  readonly maybeExecuted?: boolean
  /**
   * - `never runs`: its handler is not called
   * - `goes on`: its handler is not affected, and answers later
   * - `answered`: its handler had answered before
   * - `failed`: its handler has failed
   * - any other: the code with which its signal is aborted
   */
  readonly callee: 'never runs' | 'goes on' | 'answered' | 'failed' | Uppercase<string>
}

/** A cell of the table: the expectation, or the reason why there is none. */
export type Cell = Expectation | { readonly absent: string }

/** Cells with the same content. */
export interface Row {
  /** Default: all. */
  readonly stages?: readonly StageName[]
  /** Default: all. */
  readonly kinds?: readonly Kind[]
  readonly cell: Cell
}

/** An event in the life of a call, which happens at one of its stages. */
export interface Happening {
  /** A part of a sentence: a unary call `that its caller cancels`. */
  readonly name: string
  readonly options?: CallOptions
  /** Whether the connection accepts further calls afterwards. */
  readonly keepsConnection: boolean
  happen(play: Play): void | Promise<void>
  /** The first matching row counts. */
  readonly rows: readonly Row[]
}

/** @throws if no row matches, because the table must be complete */
export function cellOf({ name, rows }: Happening, stage: StageName, kind: Kind): Cell {
  const absent = (stages[stage].absent as Partial<Record<Kind, string>>)[kind]
  if (absent !== undefined) return { absent }
  const row = rows.find(
    (one) =>
      (one.stages === undefined || one.stages.includes(stage)) &&
      (one.kinds === undefined || one.kinds.includes(kind)),
  )
  if (row === undefined) throw new Error(`the table says nothing of a ${kind} call ${name} at ${stage}`)
  return row.cell
}

/** Every cell of a happening. */
export function* cellsOf(
  happening: Happening,
): Generator<{ readonly stage: StageName; readonly kind: Kind; readonly cell: Cell }> {
  for (const stage of stageNames)
    for (const kind of kinds) yield { stage, kind, cell: cellOf(happening, stage, kind) }
}
