/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tune --module: the limits of the whole module.
 */
#ifndef WPADM_LIMITS_H
#define WPADM_LIMITS_H

#include "options.h"
#include "status.h"

enum status limits_tune(const struct options *opts, int argc, char **argv);

#endif /* WPADM_LIMITS_H */
