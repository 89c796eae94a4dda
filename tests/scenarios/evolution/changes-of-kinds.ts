import { procedure } from '@frameport/protocol'
import { z } from 'zod'
import type { Change, Meeting, State } from './change.ts'

const User = z.object({ name: z.string() })
const ada = { name: 'Ada' }

const fails: Meeting = { outcome: 'fails', code: 'UNIMPLEMENTED' }
/** The call is sent, and the client does not learn that no handler runs. */
const isDropped: Meeting = { outcome: 'fails', handlerGot: undefined, clientGot: undefined }

const unary: State = { p: procedure({ input: User, output: User }), give: ada, answer: ada }
const serverStream: State = { p: procedure({ input: User, items: User }), give: ada, answer: ada }
const clientStream: State = { p: procedure({ upload: User, output: User }), give: ada, answer: ada }
const bothWays: State = { p: procedure({ upload: User, items: User }), give: ada, answer: ada }
const oneWay: State = { p: procedure({ input: User, oneWay: true }), give: ada }

const another = 'This is another kind of call. Use another name, or raise the version.'
const silent =
  'The server only logs a call without an answer that has no handler, and the client gets no error. Use another name.'

/**
 * From one kind of call to another. The list of all changes contains those from one answer to items, and to an upload.
 */
export const changesOfKinds: readonly Change[] = [
  kindChange('items become one answer', serverStream, unary),
  kindChange('items become one answer to an upload', serverStream, clientStream),
  kindChange('an upload added to items', serverStream, bothWays),
  kindChange('an upload removed', clientStream, unary),
  kindChange('an upload becomes items', clientStream, serverStream),
  kindChange('items in place of the one answer to an upload', clientStream, bothWays),
  kindChange('one answer in place of items both ways', bothWays, clientStream),
  kindChange('an upload removed from items both ways', bothWays, serverStream),
  kindChange('its answer removed (oneWay)', unary, oneWay, { newClient: isDropped, advice: silent }),
  kindChange('an answer added (oneWay before)', oneWay, unary, { oldClient: isDropped, advice: silent }),
  kindChange('its items removed (oneWay)', serverStream, oneWay, { newClient: isDropped, advice: silent }),
  kindChange('an upload added (oneWay before)', oneWay, clientStream, {
    oldClient: isDropped,
    advice: silent,
  }),
]

function kindChange(change: string, before: State, after: State, more: Partial<Change> = {}): Change {
  return {
    change: `kind of call: ${change}`,
    ...{ before, after, oldClient: fails, newClient: fails, advice: another },
    ...more,
  }
}
