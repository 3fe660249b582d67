// SPDX-License-Identifier: GPL-2.0
/*
 * INFO and NEXT: the module, and which pools there are.
 */
#include <stdlib.h>
#include <unistd.h>

#include "abi.h"

static struct workpool_ioc_info info(void)
{
	struct workpool_ioc_info info;

	memset(&info, POISON, sizeof(info));
	info.size = sizeof(info);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_INFO, &info), 0);
	return info;
}

static bool read_file(const char *path, char *text, int size)
{
	FILE *file = fopen(path, "r");
	bool ok = file && fgets(text, size, file);

	if (file)
		fclose(file);
	if (ok)
		text[strcspn(text, "\n")] = '\0';
	return EXPECT(ok);
}

static void info_fills_everything(void)
{
	struct workpool_ioc_info i = info();
	unsigned int n;

	EXPECT_EQ(i.features, 0);
	EXPECT(i.nr_pools >= 1 && i.nr_pools < 1000);
	EXPECT(i.mailbox_depth <= 1);
	EXPECT(i.cached <= i.cache_size);
	n = strnlen(i.version, sizeof(i.version));
	EXPECT(n > 0 && n < sizeof(i.version));
	for (; n < sizeof(i.version); n++)
		EXPECT_EQ(i.version[n], 0);
}

static void info_counts_pools(void)
{
	unsigned int before = info().nr_pools;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(info().nr_pools, before + 1);
	EXPECT_EQ(control("create abi-2 1"), 0);
	EXPECT_EQ(info().nr_pools, before + 2);
	EXPECT_EQ(control("destroy abi-1"), 0);
	EXPECT_EQ(info().nr_pools, before + 1);
}

static void info_says_the_parameters(void)
{
	char text[32];

	if (read_file("/sys/module/workpool/parameters/max_workers", text,
		      sizeof(text)))
		EXPECT_EQ(info().max_workers, atoi(text));
	if (read_file("/sys/module/workpool/parameters/cache_size", text,
		      sizeof(text)))
		EXPECT_EQ(info().cache_size, atoi(text));
	if (read_file("/sys/module/workpool/version", text, sizeof(text)))
		EXPECT(!strcmp(info().version, text));
}

/* one task fits into a mailbox, none where there is one CPU */
static void mailbox_depth_depends_on_the_cpus(void)
{
	EXPECT_EQ(info().mailbox_depth, sysconf(_SC_NPROCESSORS_ONLN) > 1);
}

/* a thread that leaves its pool is kept warm */
static void cached_threads_are_counted(void)
{
	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(control("submit abi-1 sleep 0"), 0);
	EXPECT_SOON(state("abi-1").completed == 1);
	EXPECT_EQ(control("destroy abi-1"), 0);
	EXPECT_SOON(info().cached > 0);
}

static int next_after(__u32 id, struct workpool_ioc_next *next)
{
	memset(next, POISON, sizeof(*next));
	next->size = sizeof(*next);
	next->id = id;
	return call(ro, WORKPOOL_IOC_NEXT, next);
}

/* how many pools of which names there are; their ids only grow */
static int count_pools(const char *prefix, int *all)
{
	struct workpool_ioc_next next;
	__u32 id = 0;
	int n = 0;

	*all = 0;
	while (!next_after(id, &next)) {
		if (!EXPECT(next.id > id))
			break;
		id = next.id;
		n += !strncmp(next.name, prefix, strlen(prefix));
		(*all)++;
	}
	return n;
}

static void next_finds_every_pool_once(void)
{
	int all;

	EXPECT_EQ(count_pools("abi-", &all), 0);
	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(control("create abi-2 1"), 0);
	EXPECT_EQ(control("create abi-3 1"), 0);
	EXPECT_EQ(count_pools("abi-", &all), 3);
	EXPECT_EQ(all, info().nr_pools);
	EXPECT_EQ(control("destroy abi-2"), 0);
	EXPECT_EQ(count_pools("abi-", &all), 2);
	EXPECT_EQ(count_pools("system", &all), 1);
}

/* the pool whose id one has may be gone: the next one is found all the same */
static void next_goes_on_after_a_destroyed_pool(void)
{
	struct workpool_ioc_next next;
	__u32 id;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(control("create abi-2 1"), 0);
	EXPECT_EQ(control("create abi-3 1"), 0);
	id = id_of("abi-2");
	EXPECT_EQ(control("destroy abi-2"), 0);
	EXPECT_EQ(next_after(id, &next), 0);
	EXPECT(!strcmp(next.name, "abi-3"));
	EXPECT_EQ(next_after(id - 1, &next), 0);
	EXPECT(!strcmp(next.name, "abi-3"));
}

static void next_ends_with_enoent(void)
{
	struct workpool_ioc_next next;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(next_after(id_of("abi-1"), &next), -ENOENT);
	EXPECT_EQ(next_after(0x7fffffff, &next), -ENOENT);
	EXPECT_EQ(next_after(UINT32_MAX, &next), -ENOENT);
}

static void next_pads_the_name(void)
{
	struct workpool_ioc_next next;
	unsigned int i;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(next_after(id_of("abi-1") - 1, &next), 0);
	EXPECT(!strcmp(next.name, "abi-1"));
	for (i = strlen("abi-1"); i < sizeof(next.name); i++)
		EXPECT_EQ(next.name[i], 0);
}

static const struct test info_tests[] = {
	TEST(info_fills_everything),
	TEST(info_counts_pools),
	TEST(info_says_the_parameters),
	TEST(mailbox_depth_depends_on_the_cpus),
	TEST(cached_threads_are_counted),
	TEST(next_finds_every_pool_once),
	TEST(next_goes_on_after_a_destroyed_pool),
	TEST(next_ends_with_enoent),
	TEST(next_pads_the_name),
};

SUITE(info);
