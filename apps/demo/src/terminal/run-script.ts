import type { Conversation } from './conversation.ts'

export interface ScriptResult {
  /** Lines that were answered with a sentence; counted from 1. */
  readonly refusedLines: readonly number[]
  /** The line whose expectation was not met. */
  readonly failedLine?: number
}

/** Speaks line after line, each when the one before is done, until the last, `/quit`, or the end of it all. */
export async function runScript(
  lines: Iterable<string> | AsyncIterable<string>,
  conversation: Conversation,
  over: AbortSignal,
): Promise<ScriptResult> {
  const refusedLines: number[] = []
  let number = 0
  for await (const line of lines) {
    number += 1
    const outcome = await conversation.execute(line)
    if (over.aborted || outcome === 'quit') break
    if (outcome === 'refused') refusedLines.push(number)
    if (outcome === 'failed') return { refusedLines, failedLine: number }
  }
  return { refusedLines }
}
