import type { Conversation } from './conversation.ts'

export interface ScriptResult {
  /** The numbers of the lines that were refused, counted from 1. */
  readonly refusedLines: readonly number[]
  /** The number of the line whose expectation was not met. */
  readonly failedLine?: number
}

/** Executes lines one after the other until the last one, `/quit`, or the end of the run. */
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
