import { expect } from 'vitest'
import type { Program, Programs } from './program.ts'

/** The workers whose log lines match, in order. */
function workersIn(server: Program, wanted: (row: Record<string, unknown>) => boolean): number[] {
  const rows = server.rows.filter((row) => row.startsWith('{')).map((row) => JSON.parse(row))
  return rows.filter(wanted).map(({ worker }) => worker as number)
}

/** The worker that serves this member now. */
export function workerOf(server: Program, name: string): Promise<number> {
  return server.until(`the worker of ${name}`, () =>
    workersIn(server, ({ msg, member }) => msg === 'joined' && member === name).at(-1),
  )
}

/** The workers that have refused a member. */
export function refusedBy(server: Program): number[] {
  return workersIn(server, ({ msg }) => msg === 'could not join')
}

/** How often a worker has started to listen. */
export function startsOf(server: Program, index: number): number {
  return workersIn(server, ({ msg, worker }) => msg === 'a worker listens' && worker === index).length
}

/** A person whose terminal is a pipe, and who speaks line by line. */
export class Person {
  readonly name: string
  readonly program: Program

  constructor(programs: Programs, name: string, port: string) {
    this.name = name
    this.program = programs.chat('--name', name, '--port', port)
  }

  say(text: string): void {
    this.program.write(`${text}\n`)
  }

  async sees(row: string): Promise<void> {
    await this.program.until(`"${row}"`, ({ rows }) => rows.includes(row))
  }

  /** The lines that this person has received. */
  get said(): string[] {
    return this.program.rows.filter((row) => /^\w+: /.test(row))
  }

  get text(): string {
    return this.program.output
  }

  async leaves(): Promise<void> {
    this.program.endInput()
    expect(await this.program.end()).toMatchObject({ exitCode: 0 })
  }
}

/**
 * Lets people in until each worker has one; the kernel chooses the worker. @returns the first at each worker, and all
 */
export async function onePersonEach(programs: Programs, server: Program, port: string, workers: number) {
  const first = new Map<number, Person>()
  const all: Person[] = []
  while (first.size < workers) {
    if (all.length === 30) throw new Error(`30 people found only ${first.size} workers`)
    const person = new Person(programs, `guest${all.length + 1}`, port)
    all.push(person)
    await person.sees(`* ${person.name} joined lobby`)
    const worker = await workerOf(server, person.name)
    if (!first.has(worker)) first.set(worker, person)
  }
  return { first: Array.from({ length: workers }, (_, index) => first.get(index) as Person), all }
}
