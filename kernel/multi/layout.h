/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layout: how WORKPOOL_LOCAL divides the CPUs among the pools of a multi.
 */
#ifndef _WP_MULTI_LAYOUT_H
#define _WP_MULTI_LAYOUT_H

#include <linux/cpumask.h>
#include <linux/types.h>

struct workpool_attrs;

/**
 * struct wp_layout - how CPUs are divided among the pools of a multi
 * @cpus: the CPUs to divide
 * @part: those of one pool
 * @nr: number of parts
 * @of_cpu: the part of each CPU
 */
struct wp_layout {
	cpumask_var_t		cpus;
	cpumask_var_t		part;
	unsigned int		nr;
	u16			*of_cpu;
};

int wp_layout_init(struct wp_layout *layout, unsigned int n,
		   const struct workpool_attrs *each);
const struct cpumask *wp_layout_part(struct wp_layout *layout,
				     unsigned int index);
void wp_layout_exit(struct wp_layout *layout);

#endif /* _WP_MULTI_LAYOUT_H */
