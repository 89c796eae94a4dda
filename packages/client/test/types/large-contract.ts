/** Generates the sources of an application with many nested procedures, all different, for the compiler. */

const groups = 10
const subgroups = 5
const proceduresPerSubgroup = 6

export const procedureCount = groups * subgroups * proceduresPerSubgroup

interface Place {
  readonly group: string
  readonly subgroup: string
  readonly name: string
  readonly number: number
}

/** Maps file names to texts. */
export function largeContractSources(): Readonly<Record<string, string>> {
  return { 'large.contract.ts': contractSource(), 'handlers.ts': handlersSource(), 'calls.ts': callsSource() }
}

function places(): readonly Place[] {
  return Array.from({ length: procedureCount }, (_, number) => ({
    group: `group${Math.floor(number / (subgroups * proceduresPerSubgroup))}`,
    subgroup: `sub${Math.floor(number / proceduresPerSubgroup) % subgroups}`,
    name: `call${number % proceduresPerSubgroup}`,
    number,
  }))
}

/** `{ group0: { sub0: { call0: …`, with the result of `leaf` for each place. */
function nested(leaf: (place: Place) => string): string {
  let text = '{\n'
  let [group, subgroup] = ['', '']
  for (const place of places()) {
    if (place.subgroup !== subgroup || place.group !== group) {
      if (subgroup !== '') text += '    },\n'
      if (place.group !== group) text += `${group === '' ? '' : '  },\n'}  ${place.group}: {\n`
      text += `    ${place.subgroup}: {\n`
    }
    ;({ group, subgroup } = place)
    text += `      ${place.name}: ${leaf(place)},\n`
  }
  return `${text}    },\n  },\n}`
}

const isStream = (place: Place) => place.number % 5 === 4

function contractSource(): string {
  const leaf = (place: Place) => {
    const { number } = place
    const input = `z.object({ id${number}: z.string(), limit: z.number().optional(), tags: z.array(z.string()) })`
    const answer = `z.object({ found${number}: z.boolean(), owner: z.string(), parts: z.array(z.object({ part${number}: z.string() })) })`
    const errors = `errors: { GONE_${number}: z.object({ since${number}: z.string() }) }`
    return `procedure({ input: ${input}, ${isStream(place) ? 'items' : 'output'}: ${answer}, ${errors} })`
  }
  return [
    "import { contract, event, procedure } from '@frameport/protocol'",
    "import { z } from 'zod'",
    `export const large = contract('large', { version: 1, procedures: ${nested(leaf)},`,
    'events: { changed: event(z.object({ id: z.string() }), { topic: z.object({ room: z.string() }) }) } })',
  ].join('\n')
}

function handlersSource(): string {
  const answer = ({ number }: Place) =>
    `{ found${number}: input.tags.length > 0, owner: context.user, parts: [{ part${number}: input.id${number} }] }`
  const leaf = (place: Place) => {
    if (isStream(place)) return `async function* ({ input, context }) { yield ${answer(place)} }`
    return `async ({ input, context, errors }) => { if (input.limit === 0) throw errors.GONE_${place.number}({ since${place.number}: '' }); return ${answer(place)} }`
  }
  return [
    "import { implement } from '@frameport/server'",
    "import { large } from './large.contract.ts'",
    'export const impl = implement(large).$context<{ user: string }>()',
    `export const handlers = impl.handlers(${nested(leaf)})`,
  ].join('\n')
}

function callsSource(): string {
  const lines = places().map((place) => {
    const { group, subgroup, name, number } = place
    const call = `client.${group}.${subgroup}.${name}({ id${number}: '', tags: [] })`
    if (isStream(place)) return `  for await (const item of ${call}) use(item.parts[0]?.part${number})`
    return `  { const r = await safe(${call}); use(r.ok ? r.data.owner : r.error.code === 'GONE_${number}' ? r.error.data.since${number} : '') }`
  })
  return [
    "import { type Client, safe } from '@frameport/client'",
    "import type { large } from './large.contract.ts'",
    'export declare const client: Client<typeof large>',
    'declare function use(text: string | undefined): void',
    'export async function callAll() {',
    ...lines,
    '}',
  ].join('\n')
}
