#ifndef FRAMEPORT_BINDING_LOOP_WAKER_H_
#define FRAMEPORT_BINDING_LOOP_WAKER_H_

#include <node_api.h>

#include <cstdint>

#include "../port.h"
#include "loop_watch.h"

namespace frameport {

// Calls a JavaScript function from the event loop once in each sleep of the port, as soon as its wait source has
// work. The loop watches the wait source like its own sockets: no thread takes part.
class LoopWaker {
 public:
  LoopWaker() = default;
  LoopWaker(const LoopWaker&) = delete;
  LoopWaker& operator=(const LoopWaker&) = delete;

  // 0 or an error number. The wait source outlives `stop`.
  int32_t start(napi_env env, napi_value callback, WaitSource& source);
  // Idempotent. After it, the callback is not called again.
  void stop();
  bool running() const { return watch_ != nullptr; }

 private:
  static void readable(void* waker);
  void call();
  void forget_callback();

  napi_env env_ = nullptr;
  WaitSource* source_ = nullptr;
  LoopWatch* watch_ = nullptr;
  // The callback, and the context in which it is called.
  napi_ref callback_ = nullptr;
  napi_ref resource_ = nullptr;
  napi_async_context context_ = nullptr;
  bool is_calling_ = false;
};

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_LOOP_WAKER_H_
