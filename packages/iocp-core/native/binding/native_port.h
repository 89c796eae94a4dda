#ifndef FRAMEPORT_BINDING_NATIVE_PORT_H_
#define FRAMEPORT_BINDING_NATIVE_PORT_H_

#include <napi.h>

#include <memory>

#include "../engine/engine.h"
#include "../port.h"
#include "arguments.h"
#include "waker.h"

namespace frameport {

// The class that JavaScript sees. Every number in its calls is a 32-bit word: negative ones are system error numbers.
// The declarations with their meaning are in src/native/addon-types.ts.
class NativePort final : public Napi::ObjectWrap<NativePort> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativePort(const Napi::CallbackInfo& info);
  ~NativePort() override;

 private:
  Napi::Value listen(const Napi::CallbackInfo& info);
  Napi::Value connect(const Napi::CallbackInfo& info);
  Napi::Value accept_start(const Napi::CallbackInfo& info);
  Napi::Value close_listener(const Napi::CallbackInfo& info);
  Napi::Value receive_start(const Napi::CallbackInfo& info);
  Napi::Value receive_stop(const Napi::CallbackInfo& info);
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value shutdown(const Napi::CallbackInfo& info);
  Napi::Value close_connection(const Napi::CallbackInfo& info);
  Napi::Value gather(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value arm(const Napi::CallbackInfo& info);
  Napi::Value wake_now(const Napi::CallbackInfo& info);
  Napi::Value ref(const Napi::CallbackInfo& info);
  Napi::Value unref(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value address(const Napi::CallbackInfo& info);

  // The status is 0 if the port is open.
  PortFault open(const BackEndName& name, const PortSetup& setup, const EngineMemory& memory, napi_value on_wake, bool woken_by_loop);
  Napi::Value opened(Napi::Env env, const Opened& opened);
  // Null, with an exception pending, if it is not an ArrayBuffer of at least this many bytes.
  uint8_t* hold(Napi::Value received, size_t bytes);
  void* share(Napi::Object target, const char* name, size_t bytes);
  // Stops the thread, closes every descriptor. Idempotent: the explicit close, the end of the environment and the
  // collection of the object may come in any order.
  void stop();
  // Frees engine and port, in this order.
  void let_go();
  static void environment_ends(void* port);

  static constexpr uint32_t kBuffersShared = 4;
  napi_env env_;
  Napi::Reference<Napi::ArrayBuffer> shared_[kBuffersShared];
  uint32_t shared_count_ = 0;
  Napi::Reference<Napi::ArrayBuffer> receive_array_;
  ReceiveMemory received_;
  // Declared in order of dependence; the waker's thread is joined before any of them is destroyed.
  std::unique_ptr<Port> port_;
  std::unique_ptr<Engine> engine_;
  Waker waker_;
  bool stopped_ = false;
};

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_NATIVE_PORT_H_
