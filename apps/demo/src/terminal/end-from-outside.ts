import { hungUp } from '../hang-up.ts'
import { watchNpm } from '../npm-parent.ts'
import type { Streams } from './chat-run.ts'
import type { Ending } from './ending.ts'

/** Ends the run on a signal, when npm ends, and when the terminal or a pipe is closed. */
export function endFromOutside(ending: Ending, streams: Streams, onScreen: boolean): void {
  // Ctrl-C at a terminal is the usual way to leave; it interrupts a script.
  const signals = { SIGINT: onScreen ? 0 : 130, SIGTERM: 143, SIGHUP: hungUp } as const
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.once(signal, () => ending.end({ exitCode }))
  }
  watchNpm((parent) => {
    if (parent === 'shell') ending.end({ exitCode: signals.SIGTERM })
    else process.kill(process.pid, 'SIGKILL')
  })
  // The reader of the transcript has ended (`… | head -1`), or the terminal was closed: that fails with EIO.
  const { input, output, errors } = streams
  const endings: readonly NodeJS.EventEmitter[] = [input, output, errors]
  for (const stream of endings) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) =>
      ending.end({ exitCode: code === 'EIO' ? hungUp : 141 }),
    )
  }
}
