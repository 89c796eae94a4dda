#include <napi.h>

#include "../port_factory.h"
#include "native_port.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("backend", Napi::String::New(env, frameport::port_name()));
  exports.Set("NativePort", frameport::NativePort::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(frameport, init)
