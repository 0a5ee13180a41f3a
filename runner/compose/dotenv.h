/**
 * Files of environment variables: `.env` and what env_file names.
 *
 * A line is NAME=value, NAME: value, or NAME alone (taken from outside where it is set there); `export` may
 * stand in front. A value in '...' is taken as it is; in "..." \n \r \t \" \\ \$ and variables are
 * understood; both may span lines. A bare value ends at the line or at a '#' after a blank. (Compose,
 * "Environment file syntax".)
 */
#ifndef UTR_COMPOSE_DOTENV_H
#define UTR_COMPOSE_DOTENV_H

#include "compose/interpolate.h"

/**
 * Read variables from text.
 * @param how    vars to interpolate from, before the file's own earlier ones (at most two layers used);
 * place.path names the file
 * @param out    the file's "NAME=value"s are added, later ones in the place of earlier ones
 */
void compose_dotenv_parse(const compose_interpolation *how, const char *text, utr_strs *out);

/** As compose_dotenv_parse, from a file of at most 1 MiB. @return UTR_SYS, UTR_TOO_LARGE: not read */
UTR_MUST_CHECK utr_code compose_dotenv_load(const compose_interpolation *how, const char *path, utr_strs *out,
                                            utr_error *err);

#endif
