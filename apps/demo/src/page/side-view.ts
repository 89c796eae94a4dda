import type { Person } from '../member/company.ts'
import { neutralised } from '../safe-text.ts'
import { nameKey } from '../text-rules.ts'
import { byId, make, makeButton } from './dom.ts'
import { nameClass } from './name-class.ts'

/** The people of the room, and the rooms that the person has visited. */
export class SideView {
  readonly #people = byId('people', HTMLUListElement)
  readonly #rooms = byId('rooms', HTMLUListElement)
  readonly #side = byId('side', HTMLElement)
  readonly #opener = byId('show-side', HTMLButtonElement)
  /** By key, as they were written. */
  readonly #known = new Map<string, string>()
  readonly #joinRoom: (room: string) => void

  constructor(joinRoom: (room: string) => void) {
    this.#joinRoom = joinRoom
    this.#opener.addEventListener('click', () => this.#open(!this.#side.classList.contains('open')))
  }

  people(people: readonly Person[], ownName: string): void {
    const rows = people.map(({ name, isAway }) => {
      const whose = nameKey(name) === nameKey(ownName) ? ' (you)' : ''
      const row = make('li', {}, make('span', { class: nameClass(name) }, neutralised(name)), whose)
      if (isAway) row.append(make('span', { class: 'away' }, ' – away'))
      return row
    })
    this.#people.replaceChildren(...rows)
  }

  isIn(room: string): void {
    this.#known.set(nameKey(room), room)
    const rows = [...this.#known].map(([key, name]) => {
      const isHere = key === nameKey(room)
      const button = makeButton(neutralised(name), () => this.#joinRoom(name))
      if (isHere) button.setAttribute('aria-current', 'true')
      button.disabled = isHere
      return make('li', {}, button)
    })
    this.#rooms.replaceChildren(...rows)
    this.#open(false)
  }

  /** Disables the buttons that join a room. */
  close(): void {
    for (const button of this.#rooms.querySelectorAll('button')) button.disabled = true
  }

  #open(isOpen: boolean): void {
    this.#side.classList.toggle('open', isOpen)
    this.#opener.setAttribute('aria-expanded', String(isOpen))
  }
}
