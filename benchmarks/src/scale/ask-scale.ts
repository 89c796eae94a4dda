import type { ScaleQuestion } from '../../support/scale/messages.ts'
import type { ProgramProcess } from '../program-process.ts'

/** The programs of `bench:scale` have their own questions. */
export const askScale = <T = object>(process: ProgramProcess, question: ScaleQuestion): Promise<T> =>
  process.ask(question as never) as Promise<T>
