import { parseArgs } from 'node:util'
import type { BackendName } from '@frameport/iocp-core'
import type { WaitingFigures } from './waiting-contract.ts'
import { measureWaiting } from './waiting-sessions.ts'

/** `npm run waiting`: what sessions cost a server that wait for their clients, for each of them. */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    'answer-bytes': { type: 'string', multiple: true, default: ['0', '4096'] },
    // Long enough for the last to be away before the first is given up, also on a busy machine.
    'window-ms': { type: 'string', default: '300000' },
    backend: { type: 'string', default: 'net' },
  },
})
const sessions = Number(values.sessions)
const KiB = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(13)

for (const answerBytes of values['answer-bytes'].map(Number)) {
  const { empty, ...states } = await measureWaiting({
    backend: values.backend as BackendName,
    sessions,
    answerBytes,
    windowMs: Number(values['window-ms']),
  })
  process.stdout.write(
    `\n${sessions} sessions over ${values.backend}, answers of ${answerBytes} bytes; for each session:\n`,
  )
  process.stdout.write(
    `${'state'.padEnd(12)}${'sessions'.padStart(10)}${['counted', 'kept', 'heap', 'buffers', 'resident'].map((name) => name.padStart(13)).join('')}\n`,
  )
  for (const [state, now] of Object.entries(states)) {
    const each = (figure: keyof WaitingFigures) => KiB((now[figure] - empty[figure]) / sessions)
    const figures = (['countedBytes', 'keptBytes', 'heapBytes', 'bufferBytes', 'residentBytes'] as const).map(
      each,
    )
    process.stdout.write(`${state.padEnd(12)}${String(now.connections).padStart(10)}${figures.join('')}\n`)
  }
}
