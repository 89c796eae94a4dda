import { answerQuestions } from '../ask.ts'
import { goodCalls } from '../good-calls.ts'

answerQuestions({
  call: ({ port, seconds }: { port: number; seconds: number }) => goodCalls(port, seconds),
})
