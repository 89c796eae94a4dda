#include "../os_thread.h"

#include <errno.h>
#include <windows.h>

#include <new>

#include "../../base/check.h"

namespace frameport {

namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "WaitOnAddress compares a plain 32-bit word");
static_assert(sizeof(HANDLE) <= sizeof(uintptr_t), "a thread's handle fits the field");

struct Start {
  void (*run)(void*);
  void* argument;
};

DWORD WINAPI enter(void* argument) {
  Start* start = static_cast<Start*>(argument);
  const Start copy = *start;
  delete start;
  copy.run(copy.argument);
  return 0;
}

}  // namespace

void park(std::atomic<uint32_t>& word, uint32_t value) { WaitOnAddress(&word, &value, sizeof value, INFINITE); }

void unpark(std::atomic<uint32_t>& word) { WakeByAddressSingle(&word); }

int32_t OsThread::start(void (*run)(void*), void* argument) {
  check(!joinable_, "a thread is started once");
  Start* start = new (std::nothrow) Start{run, argument};
  if (start == nullptr) return ENOMEM;
  const HANDLE thread = CreateThread(nullptr, 0, enter, start, 0, nullptr);
  if (thread == nullptr) {
    delete start;
    // The documented reasons are all a lack of memory or of another resource.
    return ENOMEM;
  }
  thread_ = reinterpret_cast<uintptr_t>(thread);
  joinable_ = true;
  return 0;
}

void OsThread::join() {
  if (!joinable_) return;
  joinable_ = false;
  const HANDLE thread = reinterpret_cast<HANDLE>(thread_);
  check(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0, "the worker can be joined");
  CloseHandle(thread);
}

}  // namespace frameport
