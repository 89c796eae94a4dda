import { setMaxListeners } from 'node:events'

/** One case of a program. The name is a sentence. */
export interface ProgramCase {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
}

/** Far longer than a case takes: what is not done by then will never be done. */
const patienceMs = 60_000

/**
 * Runs the cases one after another and reports each; the last line has the counts. A hanging case does not stop the
 * next.
 */
export async function runCases(cases: readonly ProgramCase[]): Promise<void> {
  let failed = 0
  for (const { name, run } of cases) {
    const signal = AbortSignal.timeout(patienceMs)
    setMaxListeners(0, signal)
    const timeUp = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error(`not done after ${patienceMs} ms`))),
    )
    // Nobody waits for it once the case is done.
    timeUp.catch(() => undefined)
    try {
      await Promise.race([run(signal), timeUp])
      process.stdout.write(`passed ${name}\n`)
    } catch (error) {
      failed++
      process.stdout.write(`failed ${name}: ${error instanceof Error ? error.stack : String(error)}\n`)
    }
  }
  process.stdout.write(`${cases.length - failed} held, ${failed} did not\n`)
  // What a failed case left open must not keep the program running.
  process.exit(failed === 0 ? 0 : 1)
}
