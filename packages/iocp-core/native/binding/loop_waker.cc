#include "loop_waker.h"

#include <cerrno>

#include "uncaught.h"

namespace frameport {

int32_t LoopWaker::start(napi_env env, napi_value callback, WaitSource& source) {
  env_ = env;
  source_ = &source;
  int32_t status = 0;
  const Handle watched = source.watched(status);
  if (watched == kNoHandle) return status;
  napi_value resource;
  napi_value name;
  const bool is_made = napi_create_object(env, &resource) == napi_ok &&
                       napi_create_string_utf8(env, "frameport", NAPI_AUTO_LENGTH, &name) == napi_ok &&
                       napi_create_reference(env, callback, 1, &callback_) == napi_ok &&
                       napi_create_reference(env, resource, 1, &resource_) == napi_ok &&
                       napi_async_init(env, resource, name, &context_) == napi_ok;
  status = is_made ? LoopWatch::start(env, static_cast<int>(watched), &readable, this, watch_) : ENOMEM;
  if (status != 0) forget_callback();
  return status;
}

void LoopWaker::stop() {
  if (!running()) return;
  watch_->stop();
  watch_ = nullptr;
  // A callback that stops this waker still runs in its context.
  if (!is_calling_) forget_callback();
}

void LoopWaker::forget_callback() {
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  if (resource_ != nullptr) napi_delete_reference(env_, resource_);
  if (callback_ != nullptr) napi_delete_reference(env_, callback_);
  context_ = nullptr;
  resource_ = callback_ = nullptr;
}

void LoopWaker::readable(void* waker) {
  auto* self = static_cast<LoopWaker*>(waker);
  if (self->source_->take()) self->call();
}

void LoopWaker::call() {
  napi_env env = env_;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value resource;
  napi_value callback;
  is_calling_ = true;
  // Any failure other than an exception means that the environment is ending.
  if (napi_get_reference_value(env, resource_, &resource) == napi_ok &&
      napi_get_reference_value(env, callback_, &callback) == napi_ok &&
      napi_make_callback(env, context_, resource, callback, 0, nullptr, nullptr) == napi_pending_exception) {
    throw_uncaught(env);
  }
  is_calling_ = false;
  if (!running()) forget_callback();
  napi_close_handle_scope(env, scope);
}

}  // namespace frameport
