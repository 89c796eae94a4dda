#include "native_port.h"

#include <cerrno>
#include <new>
#include <utility>

#include "../backends/port_factory.h"
#include "../os/address_text.h"
#include "../seams/receive_pages.h"
#include "arguments.h"
#include "receive_array.h"
#include "test_seams.h"

namespace frameport {

namespace {

constexpr uint32_t kRecords = 1024;
// The sends of many connections alternate if each answers in a loop: 512 connections with 16 frames each fit one flush.
constexpr uint32_t kEntries = 16 * 1024;
// Where the arena begins in its array. The receive memory begins at a page, and V8 puts the bytes of a large array 16
// bytes after the start of a page. If a copy's destination is up to about 40 bytes after its source modulo 4096,
// `rep movsb` on AMD's Zen takes ten times as long (16 KiB: 9.5 instead of 0.9 µs). Half a page keeps an echo fast.
constexpr uint32_t kArenaStart = 2048;

SocketOptions read_socket_options(const Napi::CallbackInfo& info, size_t index) {
  SocketOptions options;
  options.no_delay = flag(info, index);
  options.keep_alive_idle_ms = word(info, index + 1);
  options.not_sent_low_bytes = word(info, index + 2);
  return options;
}

// Reads the address and the length of a Uint8Array together: shared memory may grow between two reads.
bool read_bytes(Napi::Value value, SendPart& part) {
  bool is_typed_array = false;
  if (napi_is_typedarray(value.Env(), value, &is_typed_array) != napi_ok || !is_typed_array) return false;
  napi_typedarray_type type = napi_int8_array;
  void* bytes = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(value.Env(), value, &type, &length, &bytes, nullptr, nullptr);
  if (type != napi_uint8_array) return false;
  part = {static_cast<const uint8_t*>(bytes), length};
  return true;
}

}  // namespace

Napi::Function NativePort::define(Napi::Env env) {
  return DefineClass(env, "NativePort",
                     {
                         InstanceMethod<&NativePort::listen>("listen"),
                         InstanceMethod<&NativePort::connect>("connect"),
                         InstanceMethod<&NativePort::accept_start>("acceptStart"),
                         InstanceMethod<&NativePort::close_listener>("closeListener"),
                         InstanceMethod<&NativePort::receive_start>("receiveStart"),
                         InstanceMethod<&NativePort::receive_stop>("receiveStop"),
                         InstanceMethod<&NativePort::send>("send"),
                         InstanceMethod<&NativePort::shutdown>("shutdown"),
                         InstanceMethod<&NativePort::close_connection>("closeConnection"),
                         InstanceMethod<&NativePort::gather>("gather"),
                         InstanceMethod<&NativePort::flush>("flush"),
                         InstanceMethod<&NativePort::arm>("arm"),
                         InstanceMethod<&NativePort::wake_now>("wakeNow"),
                         InstanceMethod<&NativePort::ref>("ref"),
                         InstanceMethod<&NativePort::unref>("unref"),
                         InstanceMethod<&NativePort::close>("close"),
                         InstanceMethod<&NativePort::address>("address"),
                     });
}

NativePort::NativePort(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativePort>(info), env_(info.Env()) {
  const uint32_t buffers = word(info, 2);
  const uint32_t buffer_bytes = word(info, 3);
  const uint32_t arena_bytes = word(info, 4);
  Napi::Object self = info.This().As<Napi::Object>();
  EngineMemory memory{};
  memory.record_count = kRecords;
  memory.entry_count = kEntries;
  memory.arena_bytes = arena_bytes;
  uint8_t* const received = hold(info[1], size_t{buffers} * buffer_bytes);
  memory.received = received;
  memory.records = static_cast<BatchRecord*>(share(self, "batch", kRecords * sizeof(BatchRecord)));
  memory.entries = static_cast<SendEntry*>(share(self, "entries", kEntries * sizeof(SendEntry)));
  auto* const arena = static_cast<uint8_t*>(share(self, "arena", kArenaStart + arena_bytes));
  memory.arena = arena == nullptr ? nullptr : arena + kArenaStart;
  self.Set("arenaStart", Napi::Number::New(env_, kArenaStart));
  memory.counters = static_cast<Counters*>(share(self, "counters", sizeof(Counters)));
  // Without memory for an array V8 ends the process. An array is missing only in a thread that is being terminated, and
  // can no longer create JavaScript values, or after a wrong argument, whose exception is pending.
  if (shared_count_ < kBuffersShared || received == nullptr) return;
  PortSetup setup;
  setup.memory = {received, buffers, buffer_bytes, &memory.counters->buffers_in_use};
  setup.workers = word(info, 5);
  received_ = setup.memory;
  const PortFault fault = open(BackEndName(info, 0), setup, memory, info[6], flag(info, 7));
  if (fault.status != 0) let_go();
  // The caller throws the typed error from these details.
  self.Set("status", Napi::Number::New(env_, fault.status));
  self.Set("failedStep", Napi::String::New(env_, fault.step));
  stopped_ = fault.status != 0;
  if (stopped_) return;
  // After the threadsafe function, because hooks run last-in first-out.
  napi_add_env_cleanup_hook(env_, &environment_ends, this);
}

PortFault NativePort::open(const BackEndName& name, const PortSetup& setup, const EngineMemory& memory,
                           napi_value on_wake, bool woken_by_loop) {
  const BackEnd* back_end = find_back_end(name.text);
  if (back_end == nullptr) return {"a back end of this name", ENOSYS};
  PortFault fault;
  Port* made = back_end->make(setup, fault);
  if (made == nullptr) return fault;
  port_.reset(engine_port(made));
  if (port_ == nullptr) return {"memory for the port", ENOMEM};
  engine_.reset(new (std::nothrow) Engine(*port_, memory));
  if (engine_ == nullptr) return {"memory for the engine", ENOMEM};
  return {"a way to wake JavaScript", waker_.start(env_, on_wake, port_->wait_source(), woken_by_loop)};
}

NativePort::~NativePort() { stop(); }

uint8_t* NativePort::hold(Napi::Value given, size_t bytes) {
  const bool fits = given.IsArrayBuffer() && given.As<Napi::ArrayBuffer>().ByteLength() >= bytes;
  if (!fits || bytes == 0) {
    Napi::TypeError::New(env_, "the receive memory is an ArrayBuffer with room for its buffers")
        .ThrowAsJavaScriptException();
    return nullptr;
  }
  receive_array_ = hold_receive_array(given.As<Napi::ArrayBuffer>());
  return static_cast<uint8_t*>(receive_array_.Value().Data());
}

void* NativePort::share(Napi::Object target, const char* name, size_t bytes) {
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env_, bytes);
  if (buffer.IsEmpty() || Napi::Env(env_).IsExceptionPending()) return nullptr;
  target.Set(name, buffer);
  shared_[shared_count_++] = Napi::Persistent(buffer);
  return buffer.Data();
}

void NativePort::environment_ends(void* port) { static_cast<NativePort*>(port)->stop(); }

void NativePort::stop() {
  if (stopped_) return;
  stopped_ = true;
  if (port_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, &environment_ends, this);
  waker_.stop();
  engine_->stop();
  let_go();
}

void NativePort::let_go() {
  engine_.reset();
  port_.reset();
  // Nothing writes to it any longer; lent parts of it remain readable.
  close_pages(received_.bytes, size_t{received_.buffers} * received_.buffer_bytes);
}

Napi::Value NativePort::opened(Napi::Env env, const Opened& opened) {
  Napi::Array name = Napi::Array::New(env, 3);
  name.Set(0u, Napi::Number::New(env, opened.status));
  name.Set(1u, Napi::Number::New(env, opened.slot));
  name.Set(2u, Napi::Number::New(env, opened.generation));
  return name;
}

Napi::Value NativePort::listen(const Napi::CallbackInfo& info) {
  Address address;
  Opened result{EBADF};
  if (!stopped_) {
    ListenOptions options;
    options.socket = read_socket_options(info, 3);
    options.backlog = static_cast<int32_t>(word(info, 6));
    options.reuse_port = flag(info, 7);
    options.ipv6_only = flag(info, 8);
    result.status = read_address(info, 0, address);
    if (result.status == 0) result = engine_->listen(address, options);
  }
  return opened(info.Env(), result);
}

Napi::Value NativePort::connect(const Napi::CallbackInfo& info) {
  Address address;
  Opened result{EBADF};
  if (!stopped_) {
    result.status = read_address(info, 0, address);
    if (result.status == 0) result = engine_->connect(address, read_socket_options(info, 3));
  }
  return opened(info.Env(), result);
}

Napi::Value NativePort::accept_start(const Napi::CallbackInfo& info) {
  const int32_t status = stopped_ ? 0 : engine_->accept_start(word(info, 0), word(info, 1));
  return Napi::Number::New(info.Env(), status);
}

Napi::Value NativePort::close_listener(const Napi::CallbackInfo& info) {
  if (!stopped_) engine_->close_listener(word(info, 0), word(info, 1));
  return {};
}

Napi::Value NativePort::receive_start(const Napi::CallbackInfo& info) {
  if (!stopped_) engine_->receive_start(word(info, 0), word(info, 1));
  return Napi::Boolean::New(info.Env(), !stopped_ && engine_->has_work());
}

Napi::Value NativePort::receive_stop(const Napi::CallbackInfo& info) {
  if (!stopped_) engine_->receive_stop(word(info, 0), word(info, 1));
  return {};
}

Napi::Value NativePort::send(const Napi::CallbackInfo& info) {
  if (stopped_) return Napi::Number::New(info.Env(), 0);
  const Napi::Array chunks = info[2].As<Napi::Array>();
  const uint32_t length = chunks.Length();
  SendPart parts[kSendPartsMax];
  // Takes nothing of a send before all of it is known to be bytes.
  for (uint32_t index = 0; index < length; index++) {
    if (read_bytes(chunks.Get(index), parts[0])) continue;
    Napi::TypeError::New(info.Env(), "a part of a send is a Uint8Array").ThrowAsJavaScriptException();
    return {};
  }
  size_t queued = 0;
  int32_t status = 0;
  uint32_t count = 0;
  for (uint32_t index = 0; index < length && status == 0; index++) {
    if (read_bytes(chunks.Get(index), parts[count]) && parts[count].length > 0) count++;
    const bool last = index + 1 == length;
    if (count > 0 && (last || count == kSendPartsMax)) {
      queued = engine_->send(word(info, 0), word(info, 1), parts, count, status);
      count = 0;
    }
  }
  return Napi::Number::New(info.Env(), status == 0 ? static_cast<double>(queued) : -status);
}

Napi::Value NativePort::shutdown(const Napi::CallbackInfo& info) {
  if (!stopped_) engine_->shutdown(word(info, 0), word(info, 1));
  return {};
}

Napi::Value NativePort::close_connection(const Napi::CallbackInfo& info) {
  if (!stopped_) engine_->close_connection(word(info, 0), word(info, 1), flag(info, 2));
  return {};
}

Napi::Value NativePort::gather(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), stopped_ ? 0 : engine_->gather());
}

Napi::Value NativePort::flush(const Napi::CallbackInfo& info) {
  if (stopped_) return Napi::Boolean::New(info.Env(), false);
  if (flag(info, 1)) engine_->release_batch();
  return Napi::Boolean::New(info.Env(), engine_->flush(word(info, 0)));
}

Napi::Value NativePort::arm(const Napi::CallbackInfo& info) {
  // Completions that are ready below the wait source would never wake anybody.
  const bool sleeps = stopped_ || engine_->try_sleep();
  if (!stopped_ && sleeps) waker_.arm();
  return Napi::Boolean::New(info.Env(), sleeps);
}

Napi::Value NativePort::wake_now(const Napi::CallbackInfo&) {
  waker_.wake_now();
  return {};
}

Napi::Value NativePort::ref(const Napi::CallbackInfo& info) {
  waker_.ref(info.Env());
  return {};
}

Napi::Value NativePort::unref(const Napi::CallbackInfo& info) {
  waker_.unref(info.Env());
  return {};
}

Napi::Value NativePort::close(const Napi::CallbackInfo&) {
  stop();
  return {};
}

// (slot, generation, which): 0 the local end of a connection, 1 its remote end, 2 a listener. Null if it is gone.
Napi::Value NativePort::address(const Napi::CallbackInfo& info) {
  if (stopped_) return info.Env().Null();
  const uint32_t slot = word(info, 0);
  const uint32_t generation = word(info, 1);
  const uint32_t which = word(info, 2);
  Address address;
  const int32_t status = which == 0   ? engine_->local_address(slot, generation, address)
                         : which == 1 ? engine_->remote_address(slot, generation, address)
                                      : engine_->listener_address(slot, generation, address);
  return status == 0 ? write_address(info.Env(), address) : info.Env().Null();
}

}  // namespace frameport
