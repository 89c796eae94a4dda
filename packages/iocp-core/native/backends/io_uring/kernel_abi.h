#ifndef FRAMEPORT_IO_URING_KERNEL_ABI_H_
#define FRAMEPORT_IO_URING_KERNEL_ABI_H_

#include <cstdint>

// The interface between Linux and a program for io_uring, declared here: the headers of a distribution are as old as
// its kernel, and a binary runs on newer ones. The values are those of io_uring_setup(2), io_uring_enter(2) and
// io_uring_register(2); they never change once a kernel was released with them.
namespace frameport::io_uring {

// The same on every architecture that Node runs on.
constexpr long kSysSetup = 425;
constexpr long kSysEnter = 426;
constexpr long kSysRegister = 427;

struct SubmissionEntry {
  uint8_t opcode;
  uint8_t flags;
  uint16_t io_flags;
  int32_t descriptor;
  uint64_t offset;
  uint64_t address;
  uint32_t length;
  uint32_t operation_flags;
  uint64_t user_data;
  uint16_t buffer_group;
  uint16_t personality;
  uint32_t file_index;
  uint64_t reserved[2];
};
static_assert(sizeof(SubmissionEntry) == 64, "the kernel reads entries of 64 bytes");

struct CompletionEntry {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};
static_assert(sizeof(CompletionEntry) == 16, "the kernel writes entries of 16 bytes");

struct SubmissionOffsets {
  uint32_t head;
  uint32_t tail;
  uint32_t mask;
  uint32_t entries;
  uint32_t flags;
  uint32_t dropped;
  uint32_t array;
  uint32_t reserved;
  uint64_t user_address;
};

struct CompletionOffsets {
  uint32_t head;
  uint32_t tail;
  uint32_t mask;
  uint32_t entries;
  uint32_t overflow;
  uint32_t completions;
  uint32_t flags;
  uint32_t reserved;
  uint64_t user_address;
};

struct SetupParameters {
  uint32_t submissions;
  uint32_t completions;
  uint32_t flags;
  uint32_t thread_cpu;
  uint32_t thread_idle;
  uint32_t features;
  uint32_t worker_descriptor;
  uint32_t reserved[3];
  SubmissionOffsets submission_offsets;
  CompletionOffsets completion_offsets;
};
static_assert(sizeof(SetupParameters) == 120, "the kernel reads and writes 120 bytes");

// An entry of a ring of provided buffers. The ring is an array of them; its tail lies in the reserved half-word of the
// first. (The union of the C headers puts the array at offset 8 in C++, and then every receive finds no buffer.)
struct BufferEntry {
  uint64_t address;
  uint32_t length;
  uint16_t id;
  uint16_t tail;
};
static_assert(sizeof(BufferEntry) == 16, "the kernel reads entries of 16 bytes");

struct BufferRegistration {
  uint64_t ring_address;
  uint32_t entries;
  uint16_t group;
  uint16_t flags;
  uint64_t reserved[3];
};
static_assert(sizeof(BufferRegistration) == 40, "the kernel reads 40 bytes");

// Linux 6.0: cancels, and returns when nothing is left to cancel.
struct SyncCancel {
  uint64_t address;
  int32_t descriptor;
  uint32_t flags;
  int64_t timeout_seconds;
  int64_t timeout_nanoseconds;
  uint8_t opcode;
  uint8_t reserved[7];
  uint64_t reserved_too[3];
};
static_assert(sizeof(SyncCancel) == 64, "the kernel reads 64 bytes");

constexpr uint32_t kCancelAll = 1u << 0;
constexpr uint32_t kCancelAny = 1u << 2;

struct OperationProbe {
  uint8_t opcode;
  uint8_t reserved;
  uint16_t flags;
  uint32_t reserved_too;
};
static_assert(sizeof(OperationProbe) == 8, "the kernel writes entries of 8 bytes");

constexpr uint32_t kOperationsProbedMax = 256;

struct OperationProbes {
  uint8_t last_opcode;
  uint8_t count;
  uint16_t reserved;
  uint32_t reserved_too[3];
  OperationProbe operations[kOperationsProbedMax];
};

constexpr uint16_t kOperationSupported = 1u << 0;

constexpr uint8_t kOpSendMessage = 9;
constexpr uint8_t kOpAccept = 13;
constexpr uint8_t kOpCancel = 14;
constexpr uint8_t kOpConnect = 16;
constexpr uint8_t kOpSend = 26;
constexpr uint8_t kOpReceive = 27;

constexpr uint8_t kEntryBufferSelect = 1u << 5;

constexpr uint16_t kAcceptMultishot = 1u << 0;
constexpr uint16_t kPollFirst = 1u << 0;
constexpr uint16_t kReceiveMultishot = 1u << 1;

constexpr uint32_t kSetupCompletions = 1u << 3;
constexpr uint32_t kSetupSubmitAll = 1u << 7;
constexpr uint32_t kSetupTaskrunFlag = 1u << 9;
constexpr uint32_t kSetupSingleIssuer = 1u << 12;
constexpr uint32_t kSetupDeferTaskrun = 1u << 13;

constexpr uint32_t kFeatureSingleMap = 1u << 0;
constexpr uint32_t kFeatureNoDrop = 1u << 1;
constexpr uint32_t kFeatureSubmitStable = 1u << 2;
constexpr uint32_t kFeatureFastPoll = 1u << 5;

constexpr uint32_t kEnterGetEvents = 1u << 0;

constexpr uint32_t kSubmissionOverflow = 1u << 1;
constexpr uint32_t kSubmissionTaskrun = 1u << 2;

constexpr uint32_t kCompletionBuffer = 1u << 0;
constexpr uint32_t kCompletionMore = 1u << 1;
constexpr uint32_t kCompletionBufferMore = 1u << 4;
constexpr uint32_t kCompletionBufferShift = 16;

constexpr uint32_t kEventfdDisabled = 1u << 0;

constexpr uint64_t kMapRings = 0;
constexpr uint64_t kMapEntries = 0x10000000;

constexpr unsigned kRegisterEventfd = 4;
constexpr unsigned kRegisterProbe = 8;
constexpr unsigned kRegisterBuffers = 22;
constexpr unsigned kUnregisterBuffers = 23;
constexpr unsigned kRegisterSyncCancel = 24;

constexpr uint16_t kBuffersIncremental = 2;
constexpr uint32_t kBuffersMax = 32768;

// Our own: the name of completions without a receiver, such as those of cancel requests. The operation itself shows
// whether a cancel request found it.
constexpr uint64_t kNobody = 0;

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_KERNEL_ABI_H_
