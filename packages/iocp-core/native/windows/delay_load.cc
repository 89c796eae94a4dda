#include <windows.h>

#include <delayimp.h>

#include <cstring>

// The addon imports Node-API from "node.exe", and a host may have another name (Electron, a single executable). The
// import is delayed, and answered with the program that runs, whatever it is called.

namespace {

FARPROC WINAPI answer_for_node(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || std::strcmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

}  // namespace

// Declared in delayimp.h; the library looks for it by this name.
PfnDliHook __pfnDliNotifyHook2 = answer_for_node;
