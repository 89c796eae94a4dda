import { resolve } from 'node:path'
import type { Client } from '@frameport/client'
import type { SessionCloseReason } from '@frameport/protocol'
import type { chat } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { Member } from '../member/member.ts'
import type { FilesOfMember } from '../member/room-files.ts'
import { neutralised } from '../safe-text.ts'
import { nameFault, normalisedName, roomFault } from '../text-rules.ts'
import type { ChatRun, Streams, TerminalMember } from './chat-run.ts'
import { connect } from './connect.ts'
import { endFromOutside } from './end-from-outside.ts'
import { Ending } from './ending.ts'
import { MemberFiles } from './files/member-files.ts'
import { startFolder } from './files/paths.ts'
import type { ChatOptions } from './options.ts'
import { runInRows } from './run-in-rows.ts'
import { runOnScreen } from './run-on-screen.ts'
import { readScript } from './script-file.ts'

/** Runs the chat program, from its options to its exit code. Sentences about the run itself go to `errors`. */
export async function runChat(options: ChatOptions, streams: Streams): Promise<number> {
  const refuse = (sentence: string) => {
    streams.errors.write(`Frameport chat: ${neutralised(sentence)}\n`)
    return 1
  }
  const fault = nameFault(normalisedName(options.name)) ?? roomFault(normalisedName(options.room))
  if (fault !== undefined) return refuse(fault)
  const script = options.script === undefined ? undefined : await readScript(options.script)
  if (script?.fault !== undefined) return refuse(script.fault)
  const ending = new Ending()
  const present: { member?: TerminalMember } = {}
  const connected = await connect(options, {
    onUncaught: (error) => ending.end({ exitCode: 1, sentence: strangeSentence(error) }),
    onEventGap: (missed) => present.member?.missed(missed),
    onLost: () => present.member?.lost(),
    onSession: (start) => present.member?.back(start),
  })
  if (connected.fault !== undefined) return refuse(connected.fault)
  await runConnected(connected.client, present, { options, streams, ending, script: script?.lines })
  const { exitCode = 0, sentence } = ending.facts ?? {}
  if (sentence !== undefined) refuse(sentence)
  return exitCode
}

async function runConnected(
  client: Client<typeof chat>,
  present: { member?: TerminalMember },
  facts: Omit<ChatRun, 'enter'>,
): Promise<void> {
  const { options, streams, ending } = facts
  const onScreen = isForScreen(options, streams)
  void client.$connection
    .closed()
    .then((reason) => ending.end({ exitCode: 1, sentence: lostSentence(reason, options) }))
  endFromOutside(ending, streams, onScreen)
  const run = onScreen ? runOnScreen : runInRows
  await run({
    ...facts,
    async enter(view, { statusAsNotices }) {
      const [show, changed] = [view.show.bind(view), view.changed.bind(view)]
      const folder = startFolder()
      const folders = { folder, saveTo: resolve(folder, options.saveTo) }
      const files = (facts: FilesOfMember) =>
        new MemberFiles({ ...facts, ...folders, progressAsNotice: statusAsNotices })
      const expelled = (sentence: string) => ending.end({ exitCode: 1, sentence })
      const { name } = options
      const member = new Member({ client, name, show, changed, statusAsNotices, files, expelled })
      present.member = member
      const stop = () => {
        member.stopWaiting()
        // A script waits for its files, and the run for its script.
        void member.files.stop()
      }
      ending.signal.addEventListener('abort', stop, { once: true })
      const refused = await member.join(options.room)
      if (refused !== undefined) ending.end({ exitCode: 1, sentence: refused })
      return refused === undefined ? member : undefined
    },
  })
  await present.member?.quit()
  await client.$close({ graceMs: client.$connection.state === 'open' ? limits.closeGraceMs : 0 })
}

/** A screen needs a person at both ends, and a terminal whose cursor moves. */
function isForScreen({ script }: ChatOptions, { input, output }: Streams): boolean {
  return script === undefined && input.isTTY && output.isTTY && process.env.TERM !== 'dumb'
}

function lostSentence({ code, message }: SessionCloseReason, { reconnectFor }: ChatOptions): string {
  if (reconnectFor > 0 && code !== 'CONNECTION_LOST')
    return `The connection to the server was lost and cannot be restored: ${message} (${code}).`
  if (reconnectFor > 0)
    return `The connection to the server was lost and did not return within ${reconnectFor} s.`
  if (code === 'CLOSED') return 'The server has closed the chat.'
  const seconds = limits.nameHeldMs / 1_000
  return `The connection to the server was lost (${code}). Your name is free again in ${seconds} s.`
}

function strangeSentence(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  return `The server sent data that this chat program does not understand: ${why}`
}
