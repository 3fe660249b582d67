// SPDX-License-Identifier: GPL-2.0
/*
 * Plugin of QEMU's TCG: how many instructions were executed where. Each line of
 * what it writes, into the file that its argument out= names, is a block of code:
 * address, instructions in it, times it was executed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

struct block {
	struct block		*next;
	unsigned long long	address;
	size_t			size;
	unsigned long long	times;
};

static struct block *blocks;
static char out[4096];

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	block->times++;
}

static void translated(unsigned long long id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(tb);
	block->size = qemu_plugin_tb_n_insns(tb);
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, block);
}

static void write_out(unsigned long long id, void *data)
{
	const struct block *block;
	FILE *file = fopen(out, "w");

	if (!file)
		return;
	for (block = blocks; block; block = block->next)
		fprintf(file, "%016llx %zu %llu\n", block->address, block->size,
			block->times);
	fclose(file);
}

EXPORT int qemu_plugin_install(unsigned long long id,
			       const struct qemu_info_t *info,
			       int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	snprintf(out, sizeof(out), "%s", argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, write_out, NULL);
	return 0;
}
