import { Oracle } from './oracle.ts'

const casesAtOnce = 2_000

/**
 * The parameters of a comparison: the number and kind of cases, and what to do with each case and with the answer from
 * Python.
 */
export interface Batches<Case> {
  readonly cases: number
  /** A script in `interop/python` with its arguments. */
  readonly command: readonly string[]
  draw(): Case
  lineOf(drawn: Case): string
  compare(drawn: Case, answer: string): void
}

/** Asks Python about random cases. Python works on a batch while the previous one is compared here. */
export async function inBatches<Case>(batches: Batches<Case>): Promise<void> {
  const oracle = new Oracle(...batches.command)
  let left = batches.cases
  const next = () => {
    const batch = Array.from({ length: Math.min(casesAtOnce, left) }, () => batches.draw())
    left -= batch.length
    if (batch.length > 0) oracle.ask(batch.map((drawn) => batches.lineOf(drawn)))
    return batch
  }
  let [batch, behind] = [next(), next()]
  while (batch.length > 0) {
    for (const drawn of batch) batches.compare(drawn, await oracle.answer())
    ;[batch, behind] = [behind, next()]
  }
  await oracle.close()
}
