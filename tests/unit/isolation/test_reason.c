#include "isolation/reason.h"

#include "base/files.h"
#include "base/memory.h"
#include "drop.h"
#include "isolation/isolation.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void refused_with(const char *path, const char *content, const char *expected)
{
    utr_error err = {0};
    char root[] = "/tmp/utr-reason-XXXXXX";
    assert_non_null(mkdtemp(root));
    auto_free char *whole = utr_format("%s%s", root, path);
    auto_free char *folder = utr_path_dir(whole);
    assert_int_equal(utr_dir_make(folder, &err), UTR_OK);
    assert_int_equal(utr_file_write(whole, content, strlen(content), &err), UTR_OK);
    assert_non_null(strstr(isolation_reason(root, EPERM), expected));
    auto_free char *command = utr_format("rm -r %s", root);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder, by the tool for it
}

static void test_what_the_machine_says_of_itself_is_told_with_the_fix(void **state)
{
    (void)state;
    refused_with("/proc/sys/user/max_user_namespaces", "0\n", "sysctl -w user.max_user_namespaces=");
    refused_with("/proc/sys/user/max_net_namespaces", "0\n", "sysctl -w user.max_net_namespaces=");
    refused_with("/proc/sys/kernel/unprivileged_userns_clone", "0\n",
                 "sysctl -w kernel.unprivileged_userns_clone=1");
    refused_with("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
                 "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    refused_with("/.dockerenv", "", "--cap-add SYS_ADMIN");
    refused_with("/run/.containerenv", "", "--cap-add SYS_ADMIN");
}

static void test_without_a_sign_the_refusal_itself_is_explained(void **state)
{
    (void)state;
    refused_with("/proc/sys/user/max_user_namespaces", "100\n", "a security policy forbids it");
    assert_non_null(strstr(isolation_reason("/no/such/folder", ENOSPC), "all the namespaces"));
    assert_non_null(strstr(isolation_reason("/no/such/folder", ENOSYS), "CONFIG_NET_NS"));
}

/* Runs isolation_check() in a child that something was done to. @return what it said; "" where it could seal
 */
static char *check_in_child(void (*prepare)(void))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        utr_error err = {0};
        prepare();
        if (isolation_check(&err))
            (void)!write(ends[1], err.text, strlen(err.text));
        _exit(0);
    }
    (void)close(ends[1]);
    char said[512] = "";
    int status = 1;
    ssize_t got = read(ends[0], said, sizeof said - 1);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    said[got > 0 ? got : 0] = '\0';
    return utr_strdup(said);
}

/* As Docker's seccomp profile does it to a container without CAP_SYS_ADMIN. */
static void forbid_unshare(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    become_nobody();
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), 0);
}

static void test_a_forbidden_call_is_told_with_what_would_have_to_change(void **state)
{
    (void)state;
    auto_free char *said = check_in_child(forbid_unshare);
    assert_ptr_equal(strstr(said, "make namespaces: Operation not permitted; "), said);
    assert_non_null(strstr(said, isolation_reason("", EPERM)));
}

static void forbid_network_namespaces(void)
{
    become_root_of_few_namespaces(0);
}

static void test_a_used_up_limit_is_told_with_what_would_have_to_change(void **state)
{
    (void)state;
    utr_error err = {0};
    if (isolation_check(&err)) {
        print_error("NOT TRIED: this machine cannot seal workers: %s\n", err.text);
        return;
    }
    auto_free char *said = check_in_child(forbid_network_namespaces);
    assert_ptr_equal(
        strstr(said, "make namespaces: No space left on device; network namespaces are switched off"), said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_machine_says_of_itself_is_told_with_the_fix),
        cmocka_unit_test(test_without_a_sign_the_refusal_itself_is_explained),
        cmocka_unit_test(test_a_forbidden_call_is_told_with_what_would_have_to_change),
        cmocka_unit_test(test_a_used_up_limit_is_told_with_what_would_have_to_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
