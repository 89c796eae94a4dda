/**
 * Where to listen or connect. A system without addresses of the family refuses with `ENDPOINT_UNSUPPORTED`; another is
 * never substituted.
 */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
