import type { ScreenRow } from './screen-rows.ts'

export interface ScreenHandlers {
  /** Return was pressed. The typed row has been erased: the screen shows its result, not its text. */
  line(line: string): void
  /** A key was pressed, and the line is not empty. */
  typed(line: string): void
  /** Ctrl-C, or Ctrl-D on an empty line. */
  leave(): void
  /** The terminal has gone: its window was closed. */
  hangUp(): void
  /**
   * Called when the person scrolls up from the oldest row of the room. The argument has the present rows of the room.
   *
   * @returns whether `addOlder` will provide the rows before them
   */
  older(ofRoom: readonly ScreenRow[]): boolean
  /** Esc was pressed. */
  escape(): void
  /** Returns the possible completions of the word before the cursor, and that word. */
  complete(line: string): [string[], string]
}

export interface ScreenPrompt {
  /**
   * The rows above the line being typed, the most important one last; each cut to the width of the terminal.
   *
   * @param newer rows that are newer than those that are shown
   */
  above(columns: number, newer: number): readonly string[]
  /** Before the line being typed. */
  prompt(columns: number): string
  paint(prompt: string): string
}
