/** For `--import` of worker threads: `--import tsx` reads TypeScript in the main thread only. */
import { register } from 'tsx/esm/api'

register()
