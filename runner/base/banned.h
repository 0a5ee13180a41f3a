/* Functions that no file of the project may call, and what to call instead. Included in front of every
 * source. */
#ifndef UTR_BANNED_H
#define UTR_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol atof tmpnam                          \
    mktemp /* utr_text, utr_buf */

#endif
