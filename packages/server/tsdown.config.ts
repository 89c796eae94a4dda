import { packageBuild } from '../../tsdown.base.ts'

export default packageBuild({
  entry: ['src/index.ts', 'src/tcp.ts', 'src/tls.ts', 'src/ws.ts', 'src/node.ts', 'src/workers.ts'],
})
