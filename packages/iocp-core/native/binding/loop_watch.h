#ifndef FRAMEPORT_BINDING_LOOP_WATCH_H_
#define FRAMEPORT_BINDING_LOOP_WATCH_H_

#include <node_api.h>

#include <cstdint>

namespace frameport {

// Calls a function on the thread of an environment, out of its event loop, while a descriptor is readable. The loop's
// own functions are found at run time: an addon that named them would not load everywhere, and there are programs that
// have them and end when they are called. So the caller says whether this is a program that may be asked.
class LoopWatch {
 public:
  using Readable = void (*)(void* argument);

  // Whether the program has such a loop: 0, or ENOSYS.
  static int32_t probe();
  // 0 with `watch`, or an error number. The loop is not kept alive by it.
  static int32_t start(napi_env env, int descriptor, Readable readable, void* argument, LoopWatch*& watch);
  // On the thread of the environment. From here on `readable` is not called, the descriptor may be closed, and the
  // watch is not to be touched: it frees itself when the loop has let go of it.
  void stop();

 private:
  LoopWatch(napi_env env, Readable readable, void* argument) : env_(env), readable_(readable), argument_(argument) {}

  int32_t open(int descriptor);
  static void environment_ends(napi_async_cleanup_hook_handle hook, void* watch);
  static void told(void* handle, int status, int events);
  static void closed(void* handle);

  napi_env const env_;
  const Readable readable_;
  void* const argument_;
  void* handle_ = nullptr;  // a uv_poll_t
  napi_async_cleanup_hook_handle hook_ = nullptr;
  bool is_closing_ = false;
};

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_LOOP_WATCH_H_
