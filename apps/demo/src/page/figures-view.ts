import type { FiguresRow, FiguresTable } from '../figures-contract.ts'
import type { Figures } from '../member/figures.ts'
import { figuresColumns, goneText, serverName, sumOf } from '../member/figures-columns.ts'
import { byId, make } from './dom.ts'

/** The contents of the row of one server. */
interface ShownRow {
  readonly key: string
  readonly name: string
  readonly texts: readonly string[]
  readonly class: string
}

/** The figures of the servers, in a panel that a button opens. They are asked for while it is open. */
export class FiguresView {
  readonly #button = byId('show-figures', HTMLButtonElement)
  readonly #panel = byId('figures', HTMLElement)
  readonly #note = byId('figures-note', HTMLParagraphElement)
  readonly #table = byId('figures-table', HTMLTableElement)
  readonly #body = document.createElement('tbody')
  #figures: Figures | undefined
  #looking: AbortController | undefined
  /** The keys of the rows in the table. */
  #keys = ''

  constructor() {
    const head = ['Server', ...figuresColumns.map(({ name }) => name)]
    const cells = head.map((name) => make('th', { attributes: { scope: 'col' } }, name))
    this.#table.append(make('thead', {}, make('tr', {}, ...cells)), this.#body)
    this.#button.addEventListener('click', () => {
      if (this.#panel.hidden) void this.#open()
      else this.#close()
    })
  }

  /** Sets the figures that the button opens. */
  of(figures: Figures): void {
    this.#figures = figures
  }

  /** Closes the panel and disables the button. */
  end(): void {
    this.#close()
    this.#figures = undefined
    this.#button.disabled = true
  }

  async #open(): Promise<void> {
    if (this.#figures === undefined) return
    const looking = new AbortController()
    this.#looking = looking
    this.#show(true)
    this.#note.textContent = 'The figures appear in a second, and are updated every second.'
    const refused = await this.#figures.watch((table) => this.#draw(table), looking.signal)
    if (this.#looking === looking && refused !== undefined) this.#note.textContent = refused
  }

  #close(): void {
    this.#looking?.abort()
    this.#looking = undefined
    this.#show(false)
  }

  #show(isOpen: boolean): void {
    this.#panel.hidden = !isOpen
    this.#table.hidden = true
    this.#button.setAttribute('aria-expanded', String(isOpen))
  }

  #draw(table: FiguresTable): void {
    this.#note.textContent = ''
    this.#table.hidden = false
    const sum = sumOf(table)
    const rows = [
      ...table.servers.map((row) => shown(row, serverName(row, table, '(here)'))),
      ...(sum === undefined ? [] : [{ ...shown(sum, 'All'), class: 'all' }]),
    ]
    const keys = rows.map(({ key }) => key).join(' ')
    // Rows that stay are changed in place, to keep the selection and the position of a screen reader.
    if (keys !== this.#keys) this.#body.replaceChildren(...rows.map(emptyRow))
    this.#keys = keys
    for (const [index, row] of rows.entries()) fill(this.#body.rows[index], row)
  }
}

function shown(row: FiguresRow, name: string): ShownRow {
  const gone = goneText(row)
  const texts = figuresColumns.map(({ text }) => text(row))
  if (gone === undefined) return { key: row.server, name, texts, class: '' }
  return { key: row.server, name: `${name}, ${gone}`, texts: texts.map(() => '–'), class: 'gone' }
}

function emptyRow(): HTMLTableRowElement {
  const cells = figuresColumns.map(() => make('td'))
  return make('tr', {}, make('th', { attributes: { scope: 'row' } }), ...cells)
}

function fill(row: HTMLTableRowElement | undefined, { name, texts, class: rowClass }: ShownRow): void {
  if (row === undefined) return
  row.className = rowClass
  for (const [index, text] of [name, ...texts].entries()) {
    const cell = row.cells[index]
    if (cell !== undefined && cell.textContent !== text) cell.textContent = text
  }
}
