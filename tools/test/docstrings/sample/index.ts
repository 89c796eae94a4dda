export const bare = 1

/** Documented. */
export const documented = 2

export interface Bare {
  /** Documented. */
  readonly documented: number
}

/** Documented. */
export interface Shape {
  bare: number
  /** Documented. */
  documented(): void
  /** Documented where it is declared first. */
  inherited: number
}

/** Documented. */
export interface Circle extends Shape {
  bare: 3 | 4
  inherited: 4
  kind: 'circle'
}

/** Documented. */
export type Either = { readonly kind: 'none' } | { readonly kind: 'some'; readonly value: number }

/** Documented. */
export class Class implements Pick<Shape, 'documented'> {
  bare = 1
  private readonly hidden = 2
  readonly #hidden = 3

  documented(): void {}

  bareMethod(): number {
    return this.hidden + this.#hidden
  }
}
