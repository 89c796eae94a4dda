/** Who runs this. Bun and Deno have a `node:net` and a resolver of their own. */
export const runtime: 'Node.js' | 'Bun' | 'Deno' =
  process.versions.bun !== undefined ? 'Bun' : process.versions.deno !== undefined ? 'Deno' : 'Node.js'
