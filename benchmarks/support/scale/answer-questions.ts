import type { ScaleQuestion } from './messages.ts'

/** Answers the runner, one question after the other. An answer that fails ends the process. */
export function answerQuestions(answer: (question: ScaleQuestion) => Promise<object>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (question: ScaleQuestion) => {
    answer(question).then(
      (said) => process.send?.(said),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
}

/** @throws Error always: the runner has asked the wrong program */
export function notAsked(question: ScaleQuestion): never {
  throw new Error(`This program is not asked to ${question.ask}.`)
}
