// Takes the place of binding/test_seams.cc in the variants `inject`.
#include "../binding/test_seams.h"

#include <new>

#include "../binding/arguments.h"
#include "injecting_port.h"
#include "points.h"

namespace frameport {

namespace {

// (first, last): the points with these numbers fail, counted from 1 on from this call.
Napi::Value arm(const Napi::CallbackInfo& info) {
  injection::arm(word(info, 0), word(info, 1));
  return {};
}

Napi::Value disarm(const Napi::CallbackInfo&) {
  injection::disarm();
  return {};
}

// `{ name: count }` of the points reached since `arm`.
Napi::Value reached(const Napi::CallbackInfo& info) {
  Napi::Object counts = Napi::Object::New(info.Env());
  for (uint32_t index = 0; index < injection::kPoints; index++) {
    const auto point = static_cast<injection::Point>(index);
    counts.Set(injection::name_of(point), Napi::Number::New(info.Env(), injection::reached(point)));
  }
  return counts;
}

// The kind of the first point that failed since `arm`, or null.
Napi::Value failed(const Napi::CallbackInfo& info) {
  const char* first = injection::first_failed();
  return first == nullptr ? info.Env().Null() : Napi::String::New(info.Env(), first);
}

}  // namespace

Port* engine_port(Port* made) {
  Port* port = new (std::nothrow) injection::InjectingPort(made);
  if (port == nullptr) delete made;
  return port;
}

void add_test_exports(Napi::Env env, Napi::Object exports) {
  Napi::Object injection = Napi::Object::New(env);
  injection.Set("arm", Napi::Function::New(env, arm, "arm"));
  injection.Set("disarm", Napi::Function::New(env, disarm, "disarm"));
  injection.Set("reached", Napi::Function::New(env, reached, "reached"));
  injection.Set("failed", Napi::Function::New(env, failed, "failed"));
  exports.Set("injection", injection);
}

}  // namespace frameport
