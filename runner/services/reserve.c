#include "services/reserve.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static utr_code take_one(services_reserve *reserve, utr_error *err)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return utr_fail_sys(err, errno, "reserve a port");
    *utr_vec_push(&reserve->fds) = fd;
    if (bind(fd, (struct sockaddr *)&here, len) || getsockname(fd, (struct sockaddr *)&here, &len))
        return utr_fail_sys(err, errno, "reserve a port of 127.0.0.1");
    *utr_vec_push(&reserve->ports) = ntohs(here.sin_port);
    return UTR_OK;
}

utr_code services_reserve_take(size_t count, services_reserve *out, utr_error *err)
{
    services_reserve reserve = {0};
    for (size_t i = 0; i < count; i++) {
        if (take_one(&reserve, err)) {
            services_reserve_dispose(&reserve);
            return err->code;
        }
    }
    *out = reserve;
    return UTR_OK;
}

void services_reserve_release(services_reserve *reserve)
{
    for (size_t i = 0; i < reserve->fds.count; i++)
        (void)close(reserve->fds.items[i]);
    utr_vec_dispose(&reserve->fds);
}

void services_reserve_dispose(services_reserve *reserve)
{
    services_reserve_release(reserve);
    utr_vec_dispose(&reserve->ports);
}
