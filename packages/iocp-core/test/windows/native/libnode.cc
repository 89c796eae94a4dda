// A library of the name that Node has as one; built with and without the export that tells it from a stranger.
#ifdef FRAMEPORT_WITH_NODE_API
extern "C" __declspec(dllexport) void napi_create_function() {}
#else
extern "C" __declspec(dllexport) void something_else() {}
#endif
