#include "suites/peer.h"

#include "base/files.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

/* Deeper trees do not occur; it bounds what a process can make us read. */
enum { MOST_ANCESTORS = 256 };

/* Field 4 of /proc/PID/stat; field 2 is in brackets and may hold anything. 0: the process is gone. */
static pid_t parent_of(pid_t pid)
{
    utr_error err = {0};
    auto_buf utr_buf stat = UTR_BUF_INIT(4096);
    auto_free char *path = utr_format("/proc/%d/stat", (int)pid);
    if (utr_file_read(path, &stat, &err))
        return 0;
    const char *fields = strrchr(utr_buf_text(&stat), ')');
    const char *parent = fields && strlen(fields) > 4 ? fields + 4 : ""; /* ") S PPID ..." */
    int64_t number = 0;
    auto_free char *digits = utr_strndup(parent, strcspn(parent, " "));
    return utr_text_int(digits, 0, INT32_MAX, &number) ? (pid_t)number : 0;
}

static bool is_among(const peer_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == pid)
            return true;
    }
    return false;
}

const char *peer_check(pid_t pid, pid_t suite, const peer_list *others)
{
    if (is_among(others, pid))
        return "a second connection of one process";
    for (int i = 0; i < MOST_ANCESTORS && pid > 1 && pid != getpid(); i++) {
        if (pid == suite)
            return NULL;
        pid = parent_of(pid);
        if (is_among(others, pid))
            return "a process that a worker started connects";
    }
    return "a process that is none of the suite's connects";
}
