/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pools for which the arguments of a command stand, among all that there are.
 */
#ifndef WPADM_SELECTION_H
#define WPADM_SELECTION_H

#include "refusal.h"

/**
 * struct selection - what was given on the command line
 * @given: names of pools and multis, ids and patterns
 * @nr: how many; 0: all pools are meant
 */
struct selection {
	char **given;
	int nr;
};

enum status selection_check(const struct selection *selection,
			    const struct device *dev,
			    const struct pool_list *list);
enum status selection_keep(const struct selection *selection,
			   struct pool_list *list);

#endif /* WPADM_SELECTION_H */
