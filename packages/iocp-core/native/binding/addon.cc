#include <napi.h>

#include "../backends/port_factory.h"
#include "arguments.h"
#include "loop_watch.h"
#include "native_port.h"
#include "test_seams.h"

namespace frameport {

namespace {

Napi::Value names(Napi::Env env) {
  const BackEnds all = back_ends();
  Napi::Array names = Napi::Array::New(env, all.count);
  for (size_t index = 0; index < all.count; index++) {
    names.Set(static_cast<uint32_t>(index), Napi::String::New(env, all.first[index].name));
  }
  return names;
}

// (name): `[step, status, required]` for each step; none for an unknown name.
Napi::Value probe(const Napi::CallbackInfo& info) {
  const BackEnd* back_end = find_back_end(BackEndName(info, 0).text);
  ProbeStep steps[kProbeStepsMax];
  const size_t count = back_end == nullptr ? 0 : back_end->probe(steps);
  Napi::Array answers = Napi::Array::New(info.Env(), count);
  for (size_t index = 0; index < count; index++) {
    Napi::Array answer = Napi::Array::New(info.Env(), 3);
    answer.Set(0u, Napi::String::New(info.Env(), steps[index].name));
    answer.Set(1u, Napi::Number::New(info.Env(), steps[index].status));
    answer.Set(2u, Napi::Boolean::New(info.Env(), steps[index].required));
    answers.Set(static_cast<uint32_t>(index), answer);
  }
  return answers;
}

}  // namespace

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("backends", names(env));
  exports.Set("probe", Napi::Function::New(env, probe, "probe"));
  exports.Set("findsLoop", Napi::Boolean::New(env, LoopWatch::probe() == 0));
  exports.Set("NativePort", NativePort::define(env));
  add_test_exports(env, exports);
  return exports;
}

}  // namespace frameport

// The macro pastes the name of the function, so it takes no qualified one.
using frameport::init;
NODE_API_MODULE(frameport, init)
