#include "../loop_watch.h"

#include <errno.h>

namespace frameport {

// A completion port is not a descriptor that a loop can watch.
int32_t LoopWatch::probe() { return ENOSYS; }

int32_t LoopWatch::start(napi_env, int, Readable, void*, LoopWatch*&) { return ENOSYS; }

void LoopWatch::stop() {}

}  // namespace frameport
