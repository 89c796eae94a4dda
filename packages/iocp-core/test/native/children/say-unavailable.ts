import { nativeDriverFactory } from '../../../src/native/native-driver-factory.ts'

const why = nativeDriverFactory('epoll').note()
process.stdout.write(`${why.reason}\n${why.fix}\n`)
