import { limits } from '../limits.ts'
import { fitted } from './display-width.ts'

/** The request of a person or a script, read from one line. */
export type Input =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'who' }
  | { readonly kind: 'older' }
  | { readonly kind: 'send'; readonly path: string }
  | { readonly kind: 'take'; readonly file: number | undefined; readonly path: string | undefined }
  | { readonly kind: 'decline' | 'cancel'; readonly file: number | undefined }
  | { readonly kind: 'files' }
  | { readonly kind: 'stats' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'expect'; readonly text: string }
  | { readonly kind: 'fault'; readonly sentence: string }

interface Command {
  readonly argument?: string
  readonly help: string
  readonly scriptOnly?: boolean
  read(argument: string): Input
}

const commands: Readonly<Record<string, Command>> = {
  join: {
    argument: 'ROOM',
    help: 'go to another room',
    read: (room) => (room === '' ? fault('Say which room: /join ROOM.') : { kind: 'join', room }),
  },
  who: { help: 'list the members of this room', read: (argument) => withoutArgument('who', argument) },
  older: {
    help: 'show earlier lines (PageUp does this on a screen)',
    read: (argument) => withoutArgument('older', argument),
  },
  send: {
    argument: 'FILE',
    help: 'offer a file to this room',
    read: (path) => (path === '' ? fault('Say which file: /send FILE.') : { kind: 'send', path }),
  },
  take: { argument: '[N] [PATH]', help: 'take file N, as PATH or under its own name', read: readTake },
  decline: {
    argument: '[N]',
    help: 'decline file N, so that others do not wait',
    read: (n) => readNumber('decline', n),
  },
  files: {
    help: 'list offered files and running transfers',
    read: (argument) => withoutArgument('files', argument),
  },
  cancel: {
    argument: '[N]',
    help: 'take back your file N, or stop taking file N',
    read: (n) => readNumber('cancel', n),
  },
  stats: {
    help: 'show calls, events and bytes of the servers',
    read: (argument) => withoutArgument('stats', argument),
  },
  help: { help: 'list the commands', read: (argument) => withoutArgument('help', argument) },
  quit: {
    help: 'leave the chat (Ctrl-C does the same)',
    read: (argument) => withoutArgument('quit', argument),
  },
  wait: { argument: 'MS', help: 'wait for MS milliseconds', scriptOnly: true, read: readWait },
  expect: {
    argument: 'TEXT',
    help: `wait up to ${limits.expectTimeoutMs / 1_000} s for a line with TEXT`,
    scriptOnly: true,
    read: (text) => (text === '' ? fault('Say what to expect: /expect TEXT.') : { kind: 'expect', text }),
  },
}

/** The names of the available commands, with their slash. */
export function commandNames(inScript: boolean): string[] {
  return available(inScript).map(([name]) => `/${name}`)
}

/** The lines of `/help`. */
export function helpLines(inScript: boolean): string[] {
  const rows = available(inScript).map(([name, { argument, help }]) => ({
    usage: argument === undefined ? `/${name}` : `/${name} ${argument}`,
    help,
  }))
  rows.push({ usage: '//text', help: 'say a line that begins with a slash' })
  const width = Math.max(...rows.map(({ usage }) => usage.length))
  return rows.map(({ usage, help }) => `${usage.padEnd(width)}  ${help}`)
}

/**
 * Reads one line. Tabs become spaces, because they would move the columns of other people. `//text` says `/text`, and a
 * blank line does nothing. There are no comments, not even in scripts: everything else is said.
 */
export function readInput(line: string, inScript: boolean): Input {
  const text = line.replaceAll('\t', ' ').trimEnd()
  if (text === '') return { kind: 'nothing' }
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) }
  if (!text.startsWith('/')) return { kind: 'say', text }
  const [, word = '', argument = ''] = /^\/(\S*)\s*(.*)$/su.exec(text) ?? []
  const name = word.toLowerCase()
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    return fault(`There is no command ${quoted(word)}. /help lists the commands.`)
  }
  if (command.scriptOnly && !inScript) return fault(`/${name} works only in a script (--script FILE).`)
  return command.read(argument)
}

/** The typed word, shortened to fit into a sentence. */
function quoted(word: string): string {
  const shown = fitted(word, limits.roomCharactersMax)
  return shown === word ? `/${word}` : `/${shown}…`
}

function available(inScript: boolean): [string, Command][] {
  return Object.entries(commands).filter(([, { scriptOnly }]) => inScript || scriptOnly !== true)
}

function withoutArgument(
  kind: 'who' | 'older' | 'help' | 'quit' | 'files' | 'stats',
  argument: string,
): Input {
  return argument === '' ? { kind } : fault(`/${kind} takes no arguments: remove the text after it.`)
}

/** Without a number, the only file is meant. A path may contain spaces. */
function readTake(argument: string): Input {
  const found = /^(\d{1,15})(?:\s+(.+))?$/su.exec(argument)
  if (argument !== '' && found === null)
    return fault('/take needs the number of a file first. /files lists the numbers.')
  const [, number, path] = found ?? []
  return { kind: 'take', file: number === undefined ? undefined : Number(number), path }
}

function readNumber(kind: 'decline' | 'cancel', argument: string): Input {
  if (argument === '') return { kind, file: undefined }
  if (/^\d{1,15}$/.test(argument)) return { kind, file: Number(argument) }
  return fault(`/${kind} needs the number of a file. /files lists the numbers.`)
}

function readWait(argument: string): Input {
  const waitMs = /^\d{1,9}$/.test(argument) ? Number(argument) : Number.NaN
  if (waitMs <= limits.waitMsMax) return { kind: 'wait', waitMs }
  return fault(
    `/wait needs an integer from 0 to ${limits.waitMsMax}, in milliseconds, for example /wait 200.`,
  )
}

function fault(sentence: string): Input {
  return { kind: 'fault', sentence }
}
