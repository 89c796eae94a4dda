// The parts of the C++ library that the addon needs, for the published builds: scripts/build-addon.mjs adds this file.
// Old systems have the library of an old compiler, and the static library of a new compiler requires a new glibc, for
// exceptions, which the addon does not use. The linker keeps these names inside the addon (exports.map), so that they
// neither replace nor are replaced by other definitions. Memory that is allocated here is freed here.
#include <sched.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "../../../base/check.h"

namespace {

void* allocate(size_t bytes) { return std::malloc(bytes == 0 ? 1 : bytes); }

void* allocate_or_end(size_t bytes) {
  void* memory = allocate(bytes);
  frameport::check(memory != nullptr, "there is memory for what cannot go on without it");
  return memory;
}

[[noreturn]] void end_of_strings() {
  frameport::check_failed("strings have lengths that there is memory for", __FILE__, __LINE__);
}

}  // namespace

void* operator new(size_t bytes) { return allocate_or_end(bytes); }
void* operator new[](size_t bytes) { return allocate_or_end(bytes); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace std {

const nothrow_t nothrow{};

// node-addon-api uses strings. Without this line they would come from the library.
template class basic_string<char>;

// The functions that throw their exceptions.
void __throw_length_error(const char*) { end_of_strings(); }
void __throw_logic_error(const char*) { end_of_strings(); }
void __throw_out_of_range_fmt(const char*, ...) { end_of_strings(); }

}  // namespace std

// Guards the first use of a function's static. The compiler checks the first byte before it calls.
struct Guard {
  std::atomic<uint8_t> is_made;
  std::atomic<uint8_t> is_held;
};

extern "C" int __cxa_guard_acquire(Guard* guard) {
  while (guard->is_held.exchange(1, std::memory_order_acquire) != 0) sched_yield();
  if (guard->is_made.load(std::memory_order_relaxed) == 0) return 1;
  guard->is_held.store(0, std::memory_order_release);
  return 0;
}

extern "C" void __cxa_guard_release(Guard* guard) {
  guard->is_made.store(1, std::memory_order_release);
  guard->is_held.store(0, std::memory_order_release);
}
