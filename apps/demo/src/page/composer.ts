import { byId } from './dom.ts'

export interface ComposerOptions {
  /** @returns a sentence when the line is refused */
  say(text: string): Promise<string | undefined>
  /** @returns a sentence when the file cannot be offered */
  send(file: File): Promise<string | undefined>
  typing(): void
  /** How many lines were entered and are not said yet. */
  unsent(count: number): void
  /** A line was not said, and does not come back into the input: another one is there. */
  unsaid(text: string): void
}

/** Where lines are written, and files are given. What is typed stays through everything that happens around it. */
export class Composer {
  readonly #options: ComposerOptions
  readonly #line = byId('line', HTMLInputElement)
  readonly #fault = byId('say-fault', HTMLParagraphElement)
  readonly #form = byId('say', HTMLFormElement)
  readonly #picker = byId('file', HTMLInputElement)
  #isClosed = false
  #unsent = 0
  /** Lines are said one after the other, in the order in which they were entered. */
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

  /** Takes no line and no file any more. What was typed can still be read, and copied. */
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
      // A line that is refused comes back, unless another one is being typed.
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
