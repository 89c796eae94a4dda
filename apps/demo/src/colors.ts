import pc from 'picocolors'

/** The functions that colour text for one output, or leave it as it is. */
export type Colors = ReturnType<typeof pc.createColors>

/** Colours go to a terminal that can show them and whose user did not refuse them (no-color.org). */
export function colorsFor(output: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Colors {
  const refused = env.NO_COLOR !== undefined && env.NO_COLOR !== ''
  return pc.createColors(output.isTTY === true && !refused && env.TERM !== 'dumb')
}
