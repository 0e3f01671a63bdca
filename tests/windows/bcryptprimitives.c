/* Wine 8 has no bcryptprimitives.dll, of which Rust's std wants the seeds of its hash maps. For tests under Wine alone. */
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return SystemFunction036(data, (ULONG)length);
}
