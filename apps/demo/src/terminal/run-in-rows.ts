import { createInterface } from 'node:readline'
import { normalisedName } from '../text-rules.ts'
import type { ChatRun, Streams } from './chat-run.ts'
import { Conversation } from './conversation.ts'
import type { Ending, EndingFacts } from './ending.ts'
import { runScript, type ScriptResult } from './run-script.ts'
import { Transcript } from './transcript.ts'
import { RowView } from './views.ts'

/** Runs the chat as plain rows. Lines of a pipe are a script, too: only a person can read a sentence and try again. */
export async function runInRows({ options, streams, ending, script, enter }: ChatRun): Promise<void> {
  const transcript = new Transcript()
  const view = new RowView(streams.output, transcript, normalisedName(options.name))
  const member = await enter(view, { statusAsNotices: true })
  if (member === undefined) return
  const inScript = script !== undefined || !streams.input.isTTY
  const conversation = new Conversation({
    member,
    show: view.show.bind(view),
    over: ending.signal,
    ...(inScript ? { transcript } : {}),
  })
  const result = await runScript(script ?? linesOf(streams, ending), conversation, ending.signal)
  ending.end(inScript ? endingOf(result) : { exitCode: 0 })
}

async function* linesOf({ input }: Streams, ending: Ending): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, terminal: false })
  ending.signal.addEventListener('abort', () => lines.close(), { once: true })
  try {
    yield* lines
  } catch (error) {
    // Reading from a closed terminal fails. This has already ended the run.
    if (!ending.signal.aborted) throw error
  }
}

function endingOf({ refusedLines, failedLine }: ScriptResult): EndingFacts {
  if (failedLine !== undefined) {
    return {
      exitCode: 1,
      sentence: `The script failed at line ${failedLine}. The row with ! above gives the reason.`,
    }
  }
  if (refusedLines.length === 0) return { exitCode: 0 }
  const which = refusedLines.length === 1 ? 'Line' : 'Lines'
  const some = refusedLines.slice(0, 10).join(', ')
  return {
    exitCode: 1,
    sentence: `${which} ${some} could not be executed. The rows with ! above give the reason.`,
  }
}
