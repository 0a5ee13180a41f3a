#include "engine_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

engine *the_engine;
char image_name[64];
char mark[64];

engine_bound soon(void)
{
    return engine_within(20000, NULL);
}

char *own_name(const char *what)
{
    return utr_format("utr-eng-%d-%s", (int)getpid(), what);
}

const char *mark_value(void)
{
    return strchr(mark, '=') + 1;
}

json_t *config_of(const char *script)
{
    return json_pack("{s:s, s:[s,s,s,s], s:{s:s}, s:{s:b}}", "Image", image_name, "Cmd", "/bin/busybox", "sh",
                     "-c", script, "Labels", LABEL, mark_value(), "HostConfig", "Init", 0);
}

char *container_running(const char *what, const char *script)
{
    utr_error err = {0};
    char *id = NULL;
    auto_free char *name = own_name(what);
    auto_json json_t *config = config_of(script);
    assert_done(engine_container_create(the_engine, name, config, soon(), &id, &err), err);
    assert_done(engine_container_start(the_engine, id, soon(), &err), err);
    return id;
}

void container_gone(char *id)
{
    utr_error err = {0};
    assert_done(engine_container_remove(the_engine, id, soon(), &err), err);
    free(id);
}

static bool image_is_built(utr_error *err)
{
    char folder[] = "/tmp/utr-eng-XXXXXX";
    assert_non_null(mkdtemp(folder));
    auto_free char *command =
        utr_format("mkdir %s/bin && cp /bin/busybox %s/bin/ && for a in sh sleep cat dd echo seq "
                   "yes head test; do ln -s busybox %s/bin/$a; done && tar -C %s -c bin | docker import "
                   "- %s >/dev/null; made=$?; rm -rf %s; exit $made",
                   folder, folder, folder, folder, image_name, folder);
    if (system(command) == 0) /* NOLINT */
        return true;
    (void)utr_fail(err, UTR_SYS, "import the image");
    return false;
}

int fixture_setup(void **state)
{
    (void)state;
    utr_error err = {0};
    (void)snprintf(image_name, sizeof image_name, "utr-eng-busybox:%d", (int)getpid());
    (void)snprintf(mark, sizeof mark, LABEL "=%d", (int)getpid());
    if (engine_open(NULL, soon(), &the_engine, &err) || !image_is_built(&err)) {
        print_error("%s\n", err.text);
        return -1;
    }
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, mark);
    engine_list list = {0};
    if (!engine_list_labelled(the_engine, ENGINE_CONTAINERS, &labels, soon(), &list, &err)) {
        for (size_t i = 0; i < list.count; i++) {
            utr_error ignored = {0};
            (void)!engine_container_remove(the_engine, list.items[i].id, soon(), &ignored);
        }
        engine_list_dispose(&list);
    }
    auto_free char *command = utr_format("docker rmi -f %s >/dev/null", image_name);
    int status = system(command); /* NOLINT */
    engine_free(the_engine);
    return status;
}
