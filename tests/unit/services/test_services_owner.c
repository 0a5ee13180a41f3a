#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/owner.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static services_owner_state look(const services_owner *owner, bool keep)
{
    services_owner self = services_owner_self();
    auto_json json_t *labels = json_object();
    services_owner_label(owner, "s", keep, labels);
    return services_owner_look(&self, labels);
}

static void test_this_process_lives(void **state)
{
    (void)state;
    services_owner self = services_owner_self();
    assert_int_equal(self.pid, getpid());
    assert_true(self.pid_start > 0);
    assert_int_equal(strlen(self.boot), 36);
    assert_true(!strncmp(self.pid_space, "pid:[", 5));
    assert_int_equal(look(&self, false), SERVICES_OWNER_ALIVE);
}

static void test_a_pid_that_is_gone_is_dead(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    services_owner owner = services_owner_self();
    owner.pid = pid;
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(look(&owner, false), SERVICES_OWNER_DEAD); /* not reaped yet, and dead all the same */
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(look(&owner, false), SERVICES_OWNER_DEAD);
}

static void test_a_pid_that_another_process_got_is_dead(void **state)
{
    (void)state;
    services_owner owner = services_owner_self();
    owner.pid_start--;
    assert_int_equal(look(&owner, false), SERVICES_OWNER_DEAD);
}

static void test_another_boot_is_told_apart(void **state)
{
    (void)state;
    services_owner owner = services_owner_self();
    owner.boot[0] = owner.boot[0] == '0' ? '1' : '0';
    assert_int_equal(look(&owner, false), SERVICES_OWNER_REBOOTED);
}

static void test_what_cannot_be_told_is_unknown(void **state)
{
    (void)state;
    services_owner owner = services_owner_self();
    owner.pid_start--;
    assert_int_equal(look(&owner, true), SERVICES_OWNER_UNKNOWN); /* kept */
    owner.pid_space[5] = 'x';
    assert_int_equal(look(&owner, false), SERVICES_OWNER_UNKNOWN); /* of another container's pid namespace */
    auto_json json_t *bare = json_pack("{s:s}", SERVICES_LABEL_SESSION, "s");
    assert_int_equal(services_owner_look(&owner, bare), SERVICES_OWNER_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_process_lives),
        cmocka_unit_test(test_a_pid_that_is_gone_is_dead),
        cmocka_unit_test(test_a_pid_that_another_process_got_is_dead),
        cmocka_unit_test(test_another_boot_is_told_apart),
        cmocka_unit_test(test_what_cannot_be_told_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
