import { hungUp } from '../hang-up.ts'
import { sentenceOf } from '../member/failures.ts'
import { normalisedName } from '../text-rules.ts'
import type { ChatRun } from './chat-run.ts'
import { Conversation } from './conversation.ts'
import { pathChoices, startFolder } from './files/paths.ts'
import { commandNames, readInput } from './input.ts'
import { LiveFigures } from './live-figures.ts'
import { ScreenView } from './views.ts'

/** Runs the chat for a person at a terminal. Lines are executed in order; a fault is shown and does not end the run. */
export async function runOnScreen({ options, streams, ending, enter }: ChatRun): Promise<void> {
  const view = new ScreenView(streams.output, normalisedName(options.name))
  const member = await enter(view, { statusAsNotices: false })
  if (member === undefined) return
  view.show({ kind: 'notice', text: '/help lists the commands, Ctrl-C leaves.' })
  const unsent: string[] = []
  const figures = new LiveFigures({
    figures: member.figures,
    draw: (table) => view.figures(table),
    show: view.show.bind(view),
  })
  const conversation = new Conversation({
    member,
    show: view.show.bind(view),
    over: ending.signal,
    onOlder: () => view.scrollUp(),
    onStats: () => figures.toggle(),
    onUnsaid(line) {
      if (!view.restore(line)) unsent.push(line)
    },
  })
  let doneSoFar = Promise.resolve()
  const execute = async (line: string) => {
    if (ending.signal.aborted) return void unsent.push(line)
    await conversation.execute(line)
  }
  let running = 0
  const runs = (lines: 1 | -1) => {
    running += lines
    view.unsent(running)
  }
  const fail = (error: unknown) => ending.end({ exitCode: 1, sentence: sentenceOf(error) })
  let isLeaving = false
  // Earlier lines are sent first, while the server answers.
  const leave = () => {
    isLeaving = true
    void Promise.race([doneSoFar, member.unanswered()]).then(() => ending.end({ exitCode: 0 }))
  }
  const handlers = {
    line: (line: string) => {
      if (readInput(line, false).kind === 'quit') return leave()
      if (isLeaving) return void unsent.push(line)
      runs(1)
      doneSoFar = doneSoFar
        .then(() => execute(line))
        .catch(fail)
        .finally(() => runs(-1))
    },
    typed: (line: string) => {
      if (!line.startsWith('/')) member.sendTyping(performance.now())
    },
    leave: () => ending.end({ exitCode: 0 }),
    escape: () => figures.stop(),
    hangUp: () => ending.end({ exitCode: hungUp }),
    complete: (line: string) => completions(line, member.members),
  }
  view.open(streams.input, handlers, (before) => member.older.read(before))
  await ending.reached()
  figures.stop()
  if (ending.facts?.sentence === undefined && member.isAnswered) return void view.close()
  // The run ended unexpectedly, or before all lines were sent. The unsent lines stay on the screen.
  await doneSoFar
  const typed = view.close()
  for (const line of [...unsent, typed]) if (line.trim() !== '') view.leave(line)
}

/** Commands at the beginning of a line, paths after `/send`, names everywhere else. */
function completions(line: string, members: readonly string[]): [string[], string] {
  const path = /^\/send\s+(.+)$/i.exec(line)?.[1]
  if (path !== undefined) return [pathChoices(path, startFolder()), path]
  const word = /\S*$/.exec(line)?.[0] ?? ''
  if (word === '') return [[], word]
  const choices = line === word && line.startsWith('/') ? commandNames(false) : members
  return [choices.filter((choice) => choice.toLowerCase().startsWith(word.toLowerCase())), word]
}
