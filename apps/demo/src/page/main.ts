import type { Client, TopicGap } from '@frameport/client'
import type { chat } from '../chat-contract.ts'
import { Member } from '../member/member.ts'
import { nameKey } from '../text-rules.ts'
import { Composer } from './composer.ts'
import { connectPage } from './connect-page.ts'
import { byId } from './dom.ts'
import { FiguresView } from './figures-view.ts'
import { PageFiles } from './files/page-files.ts'
import { sayGoodbye } from './goodbye.ts'
import { LinesView } from './lines-view.ts'
import { pageSentenceOf } from './sentences.ts'
import { SideView } from './side-view.ts'
import { StatusView } from './status-view.ts'

/** The chat, from the form with the name to the goodbye. */

const form = byId('enter', HTMLFormElement)
const fault = byId('enter-fault', HTMLParagraphElement)
const nameInput = byId('name', HTMLInputElement)
const roomInput = byId('first-room', HTMLInputElement)

// Create these once for the page, not for each attempt to enter, because they listen to its elements.
const status = new StatusView()
const lines = new LinesView((count) => status.unread(count))
const figures = new FiguresView()
let joinRoom: (room: string) => void = () => {}
const side = new SideView((room) => joinRoom(room))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void enter(nameInput.value.trim(), roomInput.value.trim())
})
nameInput.focus()

async function enter(name: string, room: string): Promise<void> {
  const button = form.querySelector('button')
  if (button !== null) button.disabled = true
  fault.textContent = ''
  const refused = await run(name, room).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  )
  if (button !== null) button.disabled = false
  if (refused === undefined) return
  fault.textContent = refused
  nameInput.focus()
}

/** @returns a sentence when the chat did not begin */
async function run(name: string, room: string): Promise<string | undefined> {
  const present: { member?: Member<PageFiles>; over?: (sentence: string) => void } = {}
  const client = connectPage({
    onEventGap: (missed: TopicGap) => present.member?.missed(missed),
    onLost: () => present.member?.lost(),
    onSession: (start) => present.member?.back(start),
  })
  try {
    await client.$connection.opened()
  } catch {
    return 'The server of this page does not answer. Is it still running?'
  }
  let shownRoom = ''
  const member = new Member<PageFiles>({
    client,
    name,
    show: (entry) => lines.show(entry),
    changed(facts) {
      status.show(facts)
      side.people(member.people, member.name)
      if (nameKey(facts.room) === nameKey(shownRoom)) return
      // This is called before the first line of the new room. Until then, the person is in the previous room and reads
      // it.
      shownRoom = facts.room
      lines.isIn(facts.room)
      side.isIn(facts.room)
    },
    statusAsNotices: false,
    readAt: 'page',
    files: (facts) => new PageFiles(facts, lines),
    waitsToJoin(sentence) {
      // The lines are not in sight yet.
      if (present.member === undefined) fault.textContent = sentence
      else lines.show({ kind: 'notice', text: sentence })
    },
    expelled: (sentence) => present.over?.(sentence),
    sentenceOf: pageSentenceOf,
  })
  lines.scrollsBack((before) => member.older.read(before))
  const refused = await member.join(room)
  if (refused !== undefined) {
    await client.$close()
    return refused
  }
  present.member = member
  present.over = begin(client, member)
  return undefined
}

/**
 * Lets the person at the page talk.
 *
 * @returns a function that ends the chat and shows the reason. The lines stay readable
 */
function begin(client: Client<typeof chat>, member: Member<PageFiles>): (sentence: string) => void {
  const joinForm = byId('join', HTMLFormElement)
  const joinFault = byId('join-fault', HTMLParagraphElement)
  const otherInput = byId('other-room', HTMLInputElement)
  let isOver = false
  let isLeaving = false

  const composer = new Composer({
    say: (text) => member.say(text),
    send: (file) => member.files.send(file),
    typing: () => member.sendTyping(performance.now()),
    unsent: (count) => status.unsent(count),
    unsaid: (text) => lines.show({ kind: 'fault', text: `This line was not sent: ${text}` }),
  })
  const join = async (other: string) => {
    joinFault.textContent = ''
    const refused = await member.join(other)
    joinFault.textContent = refused ?? ''
    if (refused === undefined) composer.focus()
  }
  const over = (sentence: string) => {
    if (isOver) return
    isOver = true
    status.over(`${sentence} Reload the page to come back.`)
    composer.close()
    side.close()
    figures.end()
    for (const field of joinForm.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button'))
      field.disabled = true
    // Waiting lines are not sent any more, and return to the input.
    member.stopWaiting()
    void client.$close({ graceMs: 0 })
  }

  joinRoom = (other) => void join(other)
  joinForm.addEventListener('submit', (event) => {
    event.preventDefault()
    void join(otherInput.value.trim())
    otherInput.value = ''
  })
  byId('leave', HTMLButtonElement).addEventListener('click', () => {
    if (isOver) return location.reload()
    isLeaving = true
    void sayGoodbye(client, member).then((isSaid) =>
      // If the server does not answer, reloading the page may fail, too.
      isSaid ? location.reload() : over('You have left the chat.'),
    )
  })
  addEventListener('pagehide', () => void sayGoodbye(client, member))
  void client.$connection.closed().then(({ message }) => {
    if (!isLeaving) over(`The connection has ended: ${message}`)
  })

  figures.of(member.figures)
  byId('login', HTMLElement).hidden = true
  byId('chat', HTMLDivElement).hidden = false
  lines.scrollToEnd()
  composer.focus()
  return over
}
