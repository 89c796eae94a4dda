#ifndef FRAMEPORT_BINDING_LOOP_WATCH_H_
#define FRAMEPORT_BINDING_LOOP_WATCH_H_

#include <node_api.h>

#include <cstdint>

namespace frameport {

// Calls a function on the thread of an environment, from its event loop, while a descriptor is readable. The loop's
// functions are looked up at run time: an addon that links to them would not load everywhere, and some programs
// export them but crash when they are called. So the caller decides whether this program supports them.
class LoopWatch {
 public:
  using Readable = void (*)(void* argument);

  // Returns 0 if the program has such a loop, otherwise ENOSYS.
  static int32_t probe();
  // Returns 0 with `watch`, or an error number. It does not keep the loop alive.
  static int32_t start(napi_env env, int descriptor, Readable readable, void* argument, LoopWatch*& watch);
  // On the thread of the environment. After this `readable` is not called, the descriptor may be closed, and the
  // watch must not be used: it frees itself when the loop has released it.
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
