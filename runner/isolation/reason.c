#include "isolation/reason.h"

#include "base/files.h"
#include "base/memory.h"

#include <errno.h>

/** Something about the machine that keeps a process from making namespaces. */
typedef struct {
    const char *path;
    const char *content; /* what the file begins with; NULL: it is there at all */
    const char *text;
} machine_sign;

/* The first that is so. */
static const machine_sign SIGNS[] = {
    {"/proc/sys/user/max_user_namespaces", "0\n",
     "user namespaces are switched off here; as root: sysctl -w user.max_user_namespaces=10000"},
    {"/proc/sys/user/max_net_namespaces", "0\n",
     "network namespaces are switched off here; as root: sysctl -w user.max_net_namespaces=10000"},
    {"/proc/sys/kernel/unprivileged_userns_clone", "0\n",
     "only root may make user namespaces here; as root: sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/.dockerenv", NULL,
     "this container may not make namespaces; start it with --cap-add SYS_ADMIN "
     "--security-opt apparmor=unconfined"},
    {"/run/.containerenv", NULL,
     "this container may not make namespaces; start it with --cap-add SYS_ADMIN "
     "--security-opt apparmor=unconfined"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
     "AppArmor restricts user namespaces here; as root: sysctl -w "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
};

static bool sign_shows(const char *root, const machine_sign *sign)
{
    auto_free char *path = utr_format("%s%s", root, sign->path);
    if (!sign->content)
        return utr_path_exists(path);
    utr_error err = {0};
    auto_buf utr_buf content = UTR_BUF_INIT(4096);
    return utr_file_read(path, &content, &err) == UTR_OK &&
           strcmp(utr_buf_text(&content), sign->content) == 0;
}

const char *isolation_reason(const char *root, int sys)
{
    for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++) {
        if (sign_shows(root, &SIGNS[i]))
            return SIGNS[i].text;
    }
    if (sys == ENOSPC)
        return "this user has all the namespaces that they may have; as root: sysctl -w "
               "user.max_user_namespaces=10000 user.max_net_namespaces=10000";
    if (sys == ENOSYS || sys == EINVAL)
        return "this kernel has no such namespaces; CONFIG_NET_NS and CONFIG_USER_NS are needed";
    return "a security policy forbids it (seccomp, SELinux, AppArmor); run as root or where user namespaces "
           "are allowed";
}

utr_code isolation_reason_fail(utr_error *err, const char *step, int sys)
{
    (void)utr_fail_sys(err, sys, "%s", step);
    size_t len = strlen(err->text);
    (void)snprintf(err->text + len, sizeof err->text - len, "; %s", isolation_reason("", sys));
    return err->code;
}
