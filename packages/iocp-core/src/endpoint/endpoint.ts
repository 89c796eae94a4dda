/**
 * Where to listen or connect: one tagged union for every transport the project has or plans. A back end that
 * cannot do a kind refuses it with `ENDPOINT_UNSUPPORTED`; it never substitutes another.
 */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly serverName?: string }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'memory'; readonly name: string }
  | { readonly kind: 'ws'; readonly url: string }
