/* Being someone with fewer rights, for the rest of the process. */
#ifndef TEST_ISOLATION_DROP_H
#define TEST_ISOLATION_DROP_H

#include "../loop/cmocka_all.h"
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

/* A number that no one else on the machine has. */
enum { SOMEBODY = 54321 };

static inline void become_nobody(void)
{
    if (geteuid() != 0)
        return;
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(setgroups(0, NULL), 0);
    assert_int_equal(setresgid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
    assert_int_equal(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0); /* as if it had been started so */
}

static inline void write_file(const char *path, const char *text)
{
    auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        fail_msg("%s: %s", path, strerror(errno));
}

/* In a user namespace of its own with all capabilities there, whose limit of network namespaces is this, and
 * where nobody else mounts anything. */
static inline void become_root_of_few_namespaces(int most)
{
    auto_free char *uid = utr_format("%u %u 1", geteuid(), geteuid());
    auto_free char *gid = utr_format("%u %u 1", getegid(), getegid());
    auto_free char *limit = utr_format("%d", most);
    assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", uid);
    write_file("/proc/self/gid_map", gid);
    assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), 0); /* as systemd has it */
    write_file("/proc/sys/user/max_net_namespaces", limit);
}

#endif
