// Replaces binding/test_seams.cc in the variants `inject`.
#include "../../binding/test_seams.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include "../../binding/arguments.h"
#include "asked_calls.h"
#include "injecting_port.h"
#include "points.h"

namespace frameport {

namespace {

// (first, last): the points with these numbers fail, counted from 1 on from this call.
Napi::Value arm(const Napi::CallbackInfo& info) {
  injection::arm(word(info, 0), word(info, 1));
  return {};
}

// (kind, count): the next `count` points of this kind fail.
Napi::Value arm_kind(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString().Utf8Value();
  if (!injection::arm_kind(name.c_str(), word(info, 1))) {
    Napi::TypeError::New(info.Env(), "no point is called " + name).ThrowAsJavaScriptException();
  }
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

// The system calls since the last call of this, if a test needs them: "call word".
Napi::Value asked(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  injection::AskedCall call;
  for (uint32_t index = 0; injection::asked_call(index, call); index++) {
    list.Set(index, Napi::String::New(info.Env(), std::string(call.name) + ' ' + std::to_string(call.word)));
  }
  injection::forget_asked_calls();
  return list;
}

void report_open_ports() {
  std::printf("ports open at exit: %u\n", injection::InjectingPort::open_ports.load());
  std::fflush(stdout);
}

// Makes the process report at its very end how many ports were not closed.
Napi::Value report_at_exit(const Napi::CallbackInfo&) {
  std::atexit(report_open_ports);
  return {};
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
  injection.Set("armKind", Napi::Function::New(env, arm_kind, "armKind"));
  injection.Set("asked", Napi::Function::New(env, asked, "asked"));
  injection.Set("reportAtExit", Napi::Function::New(env, report_at_exit, "reportAtExit"));
  injection.Set("disarm", Napi::Function::New(env, disarm, "disarm"));
  injection.Set("reached", Napi::Function::New(env, reached, "reached"));
  injection.Set("failed", Napi::Function::New(env, failed, "failed"));
  exports.Set("injection", injection);
}

}  // namespace frameport
