#include "waker.h"

#include <cerrno>

#include "uncaught.h"

namespace frameport {

int32_t Waker::start(napi_env env, napi_value callback, WaitSource& source, bool by_loop) {
  napi_value name;
  if (napi_create_string_utf8(env, "frameport", NAPI_AUTO_LENGTH, &name) != napi_ok) return ENOMEM;
  // The queue is unlimited: there is at most one call for each arming anyway.
  if (napi_create_threadsafe_function(env, callback, nullptr, name, 0, 1, nullptr, nullptr, nullptr, &call,
                                      &function_) != napi_ok) {
    function_ = nullptr;
    return ENOMEM;
  }
  source_ = &source;
  // Nothing is open yet, and a port alone does not keep the process alive.
  napi_unref_threadsafe_function(env, function_);
  const int32_t status = by_loop ? loop_waker_.start(env, callback, source) : thread_.start(&run, this);
  if (status == 0) return 0;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
  return status;
}

void Waker::arm() {
  if (loop_waker_.running()) return;
  uint32_t expected = idle;
  if (state_.compare_exchange_strong(expected, armed, std::memory_order_release)) unpark(state_);
}

void Waker::wake_now() {
  // Even on the function's own thread, a call is only queued.
  if (running()) napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

void Waker::ref(napi_env env) {
  if (running()) napi_ref_threadsafe_function(env, function_);
}

void Waker::unref(napi_env env) {
  if (running()) napi_unref_threadsafe_function(env, function_);
}

void Waker::stop() {
  if (!running()) return;
  if (loop_waker_.running()) {
    loop_waker_.stop();
  } else {
    state_.store(stopped, std::memory_order_release);
    unpark(state_);
    source_->interrupt();
    // Joined before the release: a later call would use a released function.
    thread_.join();
  }
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

void Waker::run(void* waker) { static_cast<Waker*>(waker)->loop(); }

void Waker::loop() {
  for (;;) {
    uint32_t state = state_.load(std::memory_order_acquire);
    while (state == idle) {
      park(state_, idle);
      state = state_.load(std::memory_order_acquire);
    }
    if (state == stopped || !source_->wait()) return;
    // Cleared before the call, so that an arming in response to this wake is not lost.
    uint32_t expected = armed;
    if (!state_.compare_exchange_strong(expected, idle, std::memory_order_acq_rel)) return;
    // napi_closing: the environment is ending, and the function must not be used again.
    if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_closing) return;
  }
}

void Waker::call(napi_env env, napi_value callback, void*, void*) {
  // Without an environment, this call only empties the queue.
  if (env == nullptr || callback == nullptr) return;
  napi_value receiver;
  if (napi_get_undefined(env, &receiver) != napi_ok) return;
  if (napi_call_function(env, receiver, callback, 0, nullptr, nullptr) == napi_pending_exception) throw_uncaught(env);
}

}  // namespace frameport
