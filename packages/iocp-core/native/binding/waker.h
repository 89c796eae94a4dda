#ifndef FRAMEPORT_BINDING_WAKER_H_
#define FRAMEPORT_BINDING_WAKER_H_

#include <node_api.h>

#include <atomic>
#include <cstdint>

#include "../os/os_thread.h"
#include "../port.h"
#include "loop_waker.h"

namespace frameport {

// Calls a JavaScript function once after each `arm`, as soon as the wait source has work. If possible, the event loop
// watches the wait source (see LoopWaker). Otherwise a worker thread sleeps on the armed flag, then in the wait source,
// then makes one non-blocking call. It takes no completion itself.
class Waker {
 public:
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  // 0 or an error number. The wait source outlives `stop`. `by_loop`: the event loop of this program may be used.
  int32_t start(napi_env env, napi_value callback, WaitSource& source, bool by_loop);
  void arm();
  // Calls the function from the loop of its own thread, without waiting for work.
  void wake_now();
  void ref(napi_env env);
  void unref(napi_env env);
  // Idempotent. After it the thread is gone and the callback is not called again.
  void stop();
  bool running() const { return function_ != nullptr; }

 private:
  enum State : uint32_t { idle, armed, stopped };

  static void run(void* waker);
  static void call(napi_env env, napi_value callback, void* context, void* data);
  void loop();

  std::atomic<uint32_t> state_{idle};
  napi_threadsafe_function function_ = nullptr;
  WaitSource* source_ = nullptr;
  OsThread thread_;
  LoopWaker loop_waker_;
};

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_WAKER_H_
