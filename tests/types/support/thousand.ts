/** The number of procedures in the contract, and in each group. */
const procedures = 1_000
const perGroup = 50

interface Numbered {
  readonly group: number
  readonly index: number
}

function groups(): readonly (readonly Numbered[])[] {
  return Array.from({ length: procedures / perGroup }, (_, group) =>
    Array.from({ length: perGroup }, (_, index) => ({ group, index })),
  )
}

/** Three schemas for each procedure. Their members have unique names, so that the compiler cannot share types. */
function schemasOf({ group, index }: Numbered) {
  const own = `${group}x${index}`
  return {
    input: `z.object({ id${own}: z.string(), limit${own}: z.number().default(10), tags: z.array(z.string()) })`,
    output: `z.object({ total${own}: z.number(), at${own}: z.string().transform((text) => new Date(text)) })`,
    data: `z.object({ reason${own}: z.string() })`,
  }
}

/** Only the schemas. */
export function schemasAlone(): string {
  const lines = groups()
    .flat()
    .map((numbered) => {
      const { input, output, data } = schemasOf(numbered)
      const own = `${numbered.group}x${numbered.index}`
      return `export const i${own} = ${input}\nexport const o${own} = ${output}\nexport const e${own} = ${data}`
    })
  return ["import { z } from 'zod'", ...lines].join('\n')
}

/** The schemas, and a function for each that accepts its input and returns its output, as a program uses them. */
export function schemasUsed(): string {
  const alone = schemasAlone()
  const names = [...alone.matchAll(/const (\w+) =/g)].map(([, name]) => name)
  const functions = names.map(
    (name) =>
      `export const use${name} = (sent: z.input<typeof ${name}>, received: z.output<typeof ${name}>) => [sent.toString, received.toString]`,
  )
  return [alone, ...functions].join('\n')
}

/** The same schemas as a contract, without a use of it. */
export function contractAlone(): string {
  return [
    "import { contract, procedure } from '@frameport/protocol'",
    "import { z } from 'zod'",
    `export ${declaration()}`,
  ].join('\n')
}

/** The same schemas as a contract, and a client that calls ten of its procedures. */
export function tenUsed(): string {
  const calls = Array.from({ length: 10 }, (_, index) => call({ group: 0, index }))
  return [
    "import { createClient } from '@frameport/client'",
    contractAlone(),
    client,
    `export async function callTen() {\n${calls.join('\n')}\n}`,
  ].join('\n')
}

/** The same schemas as a contract, a client that calls every procedure, and a handler for each. */
export function contractOfThousand(): string {
  const calls = groups().map(
    (group, g) => `export async function call${g}() {\n${group.map(call).join('\n')}\n}`,
  )
  const handlers = groups().map((group, g) => {
    const lines = group.map(({ index }) => {
      const own = `${g}x${index}`
      return [
        `    p${index}({ input, errors }) {`,
        `      if (input.limit${own} > 9) throw errors.GONE({ reason${own}: input.id${own} })`,
        `      return { total${own}: input.tags.length, at${own}: '' }`,
        '    },',
      ].join('\n')
    })
    return `  g${g}: {\n${lines.join('\n')}\n  },`
  })
  return [
    "import { createClient } from '@frameport/client'",
    "import { createServer, implement } from '@frameport/server'",
    contractAlone(),
    client,
    ...calls,
    `export const server = createServer(implement(all).handlers({\n${handlers.join('\n')}\n}))`,
  ].join('\n')
}

const client = "const client = createClient(all, 'tcp://127.0.0.1:5500')"

function declaration(): string {
  const contract = groups().map((group, g) => {
    const entries = group.map((numbered) => {
      const { input, output, data } = schemasOf(numbered)
      return `    p${numbered.index}: procedure({ input: ${input}, output: ${output}, errors: { GONE: ${data} } }),`
    })
    return `  g${g}: {\n${entries.join('\n')}\n  },`
  })
  return `const all = contract('all', { version: 1, procedures: {\n${contract.join('\n')}\n} })`
}

function call({ group, index }: Numbered): string {
  const own = `${group}x${index}`
  return `  const r${own} = await client.g${group}.p${index}({ id${own}: '', tags: [] })\n  r${own}.at${own}.getTime()`
}
