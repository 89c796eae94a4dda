#include "../loop_watch.h"

#include <dlfcn.h>
#include <errno.h>

#include <new>

#include "../../base/check.h"

namespace frameport {

namespace {

// From uv.h of libuv 1, whose binary interface does not change: https://docs.libuv.org/en/v1.x/poll.html
constexpr int kHandleOfPoll = 8;  // UV_POLL
constexpr int kReadable = 1;      // UV_READABLE

struct Loop {
  napi_status (*loop_of)(napi_env env, void** loop);
  size_t (*handle_size)(int type);
  void* (*get_data)(const void* handle);
  void (*set_data)(void* handle, void* data);
  int (*init)(void* loop, void* handle, int descriptor);
  int (*start)(void* handle, int events, void (*told)(void* handle, int status, int events));
  int (*stop)(void* handle);
  void (*unref)(void* handle);
  void (*close)(void* handle, void (*closed)(void* handle));
};

template <typename Function>
bool find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return function != nullptr;
}

bool find_all(Loop& loop) {
  // Node.js only: other programs export names of libuv that do nothing, or worse, when they are called.
  void (*node)();
  return find("_ZN4node5StartEiPPc", node) && find("napi_get_uv_event_loop", loop.loop_of) &&
         find("uv_handle_size", loop.handle_size) && find("uv_handle_get_data", loop.get_data) &&
         find("uv_handle_set_data", loop.set_data) && find("uv_poll_init", loop.init) &&
         find("uv_poll_start", loop.start) && find("uv_poll_stop", loop.stop) && find("uv_unref", loop.unref) &&
         find("uv_close", loop.close);
}

void free_handle(void* handle) { delete[] static_cast<uint8_t*>(handle); }

// Null if there is none. Looked up once, because the exports of a program do not change.
const Loop* loop_functions() {
  static Loop loop;
  static const bool is_there = find_all(loop);
  return is_there ? &loop : nullptr;
}

}  // namespace

int32_t LoopWatch::probe() { return loop_functions() == nullptr ? ENOSYS : 0; }

int32_t LoopWatch::start(napi_env env, int descriptor, Readable readable, void* argument, LoopWatch*& watch) {
  if (loop_functions() == nullptr) return ENOSYS;
  auto* made = new (std::nothrow) LoopWatch(env, readable, argument);
  if (made == nullptr) return ENOMEM;
  const int32_t status = made->open(descriptor);
  if (status == 0) watch = made;
  return status;
}

// Frees the watch if it fails.
int32_t LoopWatch::open(int descriptor) {
  const Loop& loop = *loop_functions();
  void* of_environment = nullptr;
  handle_ = new (std::nothrow) uint8_t[loop.handle_size(kHandleOfPoll)];
  const bool is_ready = handle_ != nullptr && loop.loop_of(env_, &of_environment) == napi_ok;
  // Before the loop owns the handle, because from then on only the loop frees it. The loop of an
  // environment that ends runs until the hook is removed.
  if (!is_ready || napi_add_async_cleanup_hook(env_, &environment_ends, this, &hook_) != napi_ok) {
    free_handle(handle_);
    delete this;
    return ENOMEM;
  }
  const int refused = loop.init(of_environment, handle_, descriptor);
  if (refused != 0) {
    napi_remove_async_cleanup_hook(hook_);
    free_handle(handle_);
    delete this;
    return -refused;
  }
  loop.set_data(handle_, this);
  loop.unref(handle_);
  const int status = loop.start(handle_, kReadable, &told);
  if (status == 0) return 0;
  stop();
  return -status;
}

void LoopWatch::stop() {
  if (is_closing_) return;
  is_closing_ = true;
  loop_functions()->stop(handle_);
  loop_functions()->close(handle_, &closed);
}

void LoopWatch::environment_ends(napi_async_cleanup_hook_handle, void* watch) {
  // The owner has its own hook, which stops it; this one makes the environment wait for `closed`.
  static_cast<LoopWatch*>(watch)->stop();
}

void LoopWatch::told(void* handle, int, int) {
  const auto* watch = static_cast<LoopWatch*>(loop_functions()->get_data(handle));
  // Also after an error, which the code that looks at the descriptor then finds.
  if (!watch->is_closing_) watch->readable_(watch->argument_);
}

void LoopWatch::closed(void* handle) {
  auto* watch = static_cast<LoopWatch*>(loop_functions()->get_data(handle));
  napi_remove_async_cleanup_hook(watch->hook_);
  free_handle(handle);
  delete watch;
}

}  // namespace frameport
