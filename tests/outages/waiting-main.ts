import type { WaitingFigures } from './waiting-contract.ts'
import { waitingOptions } from './waiting-options.ts'
import { measureWaiting, wrongWith } from './waiting-sessions.ts'

/**
 * `npm run waiting`: measures what each session that waits for its client costs a server. It fails if some of it
 * remains afterwards.
 */
const say = (line: string) => process.stdout.write(`${line}\n`)
const KiB = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(13)

try {
  for (const options of waitingOptions(process.argv.slice(2))) {
    const { sessions, backend, answerBytes } = options
    const measured = await measureWaiting(options)
    const { empty, ...states } = measured
    say(`\n${sessions} sessions over ${backend}, answers of ${answerBytes} bytes; for each session:`)
    const names = ['counted', 'kept', 'heap', 'buffers', 'resident']
    say(`${'state'.padEnd(12)}${'sessions'.padStart(10)}${names.map((name) => name.padStart(13)).join('')}`)
    for (const [state, now] of Object.entries(states)) {
      const each = (figure: keyof WaitingFigures) => KiB((now[figure] - empty[figure]) / sessions)
      const figures = (
        ['countedBytes', 'keptBytes', 'heapBytes', 'bufferBytes', 'residentBytes'] as const
      ).map(each)
      say(`${state.padEnd(12)}${String(now.connections).padStart(10)}${figures.join('')}`)
    }
    for (const wrong of wrongWith(measured, options)) {
      say(`waiting: ${wrong}`)
      process.exitCode = 1
    }
  }
} catch (error) {
  process.stderr.write(`waiting: ${(error as Error).message}\n`)
  process.exitCode = 1
}
