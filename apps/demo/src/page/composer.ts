import { byId } from './dom.ts'

export interface ComposerOptions {
  /** @returns a sentence when the line is refused */
  say(text: string): Promise<string | undefined>
  /** @returns a sentence when the file cannot be offered */
  send(file: File): Promise<string | undefined>
  typing(): void
  /** The number of lines that were entered and not sent yet. */
  unsent(count: number): void
  /** A line was not sent, and does not return to the input because another line is there. */
  unsaid(text: string): void
}

/** The input for lines and files. Typed text stays, whatever happens to the connection or the room. */
export class Composer {
  readonly #options: ComposerOptions
  readonly #line = byId('line', HTMLInputElement)
  readonly #fault = byId('say-fault', HTMLParagraphElement)
  readonly #form = byId('say', HTMLFormElement)
  readonly #picker = byId('file', HTMLInputElement)
  #isClosed = false
  #unsent = 0
  /** Lines are sent one after the other, in the order in which they were entered. */
  #saying: Promise<void> = Promise.resolve()

  constructor(options: ComposerOptions) {
    this.#options = options
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#enter()
    })
    this.#line.addEventListener('input', () => {
      if (this.#line.value !== '') options.typing()
    })
    this.#picker.addEventListener('change', () => {
      this.#give(this.#picker.files)
      this.#picker.value = ''
    })
    const talk = byId('talk', HTMLElement)
    talk.addEventListener('dragover', (event) => event.preventDefault())
    talk.addEventListener('drop', (event) => {
      event.preventDefault()
      this.#give(event.dataTransfer?.files ?? null)
    })
  }

  focus(): void {
    this.#line.focus()
  }

  /** Accepts no more lines and files. The typed text can still be read and copied. */
  close(): void {
    this.#isClosed = true
    this.#line.readOnly = true
    this.#picker.disabled = true
    for (const button of this.#form.querySelectorAll('button')) button.disabled = true
  }

  #enter(): void {
    const text = this.#line.value
    if (this.#isClosed || text.trim() === '') return
    this.#line.value = ''
    this.#count(1)
    this.#saying = this.#saying.then(async () => {
      const fault = await this.#options.say(text)
      this.#count(-1)
      this.#fault.textContent = fault ?? ''
      if (fault === undefined) return
      // A refused line returns to the input, unless another line is being typed.
      if (this.#line.value === '') this.#line.value = text
      else this.#options.unsaid(text)
    })
  }

  #count(change: number): void {
    this.#unsent += change
    this.#options.unsent(this.#unsent)
  }

  #give(files: FileList | null): void {
    if (this.#isClosed) return
    for (const file of files ?? []) {
      void this.#options.send(file).then((fault) => {
        this.#fault.textContent = fault ?? ''
      })
    }
  }
}
