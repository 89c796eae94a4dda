import type { ReadStream, WriteStream } from 'node:tty'
import type { Member } from '../member/member.ts'
import type { Ending } from './ending.ts'
import type { MemberFiles } from './files/member-files.ts'
import type { ChatOptions } from './options.ts'
import type { View } from './views.ts'

/** A member at a terminal, whose files are in folders. */
export type TerminalMember = Member<MemberFiles>

export interface Streams {
  readonly input: ReadStream
  readonly output: WriteStream
  readonly errors: NodeJS.WritableStream
}

/** One run of the chat program, as rows or on a screen. */
export interface ChatRun {
  readonly options: ChatOptions
  readonly streams: Streams
  readonly ending: Ending
  /** The lines of the script file. Absent when lines come from the input. */
  readonly script: readonly string[] | undefined
  enter(view: View, options: { readonly statusAsNotices: boolean }): Promise<TerminalMember | undefined>
}
