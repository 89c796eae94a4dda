import { oursEvents } from '../../support/ours-events.ts'
import { runProgram } from '../../support/program.ts'
import { subscribersOfEvent } from '../../support/sizes.ts'

await runProgram(oursEvents(subscribersOfEvent))
