// SPDX-License-Identifier: GPL-2.0
/*
 * What holds for every command: sizes, tails, pointers, names, numbers.
 */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"

#define POOL	"abi-forms"
#define MULTI	"abi-forms-m"

/* for a command of every kind, its structure at the beginning of more memory */
union frame {
	__u32 size;
	struct workpool_ioc_next ref;
	struct workpool_ioc_stat stat;
	unsigned char bytes[16384];
};

static union frame frame;

/* a pool and a multi, for commands about one or the other */
static void make_pool(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(control("create " MULTI " 2 pools=2"), 0);
}

/* does a command begin with id and name? */
static bool is_named(const struct command *c)
{
	return c->pool || c->multi;
}

static const char *name_for(const struct command *c)
{
	return c->multi ? MULTI : POOL;
}

static __u32 id_for(const struct command *c)
{
	return c->multi ? multi_state(MULTI).id : id_of(POOL);
}

/* valid arguments for @c; REBOOT finds the pool closed and leaves it open */
static void fill(const struct command *c)
{
	memset(&frame, 0, sizeof(frame));
	frame.size = c->size;
	if (is_named(c))
		set_name(frame.ref.name, name_for(c));
}

static int issue(const struct command *c)
{
	return call(rw, c->cmd, &frame);
}

static void exact_size_is_right(void)
{
	unsigned int i;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		EXPECT_EQ(issue(&commands[i]), 0);
		EXPECT_EQ(frame.size, commands[i].size);
	}
}

static void short_size_is_einval(void)
{
	unsigned int i, j;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		__u32 sizes[] = { 0, 1, 3, 4, 8, commands[i].first - 1 };

		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			fill(&commands[i]);
			frame.size = sizes[j];
			EXPECT_EQ(issue(&commands[i]), -EINVAL);
		}
	}
}

/* a caller from the past: what it has no room for is left alone */
static void size_of_the_first_version_is_right(void)
{
	unsigned int i, j;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		frame.size = commands[i].first;
		memset(frame.bytes + commands[i].first, POISON, 64);
		EXPECT_EQ(issue(&commands[i]), 0);
		EXPECT_EQ(frame.size, commands[i].first);
		for (j = commands[i].first; j < commands[i].first + 64; j++)
			EXPECT_EQ(frame.bytes[j], POISON);
	}
}

/* a caller from the future: the size comes back, its tail is left alone */
static void long_size_with_zero_tail_is_right(void)
{
	unsigned int i, j;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		frame.size = commands[i].size + 24;
		frame.bytes[frame.size] = POISON;
		EXPECT_EQ(issue(&commands[i]), 0);
		EXPECT_EQ(frame.size, commands[i].size + 24);
		for (j = commands[i].size; j < frame.size; j++)
			EXPECT_EQ(frame.bytes[j], 0);
		EXPECT_EQ(frame.bytes[frame.size], POISON);
	}
}

static void long_size_with_garbage_tail_is_e2big(void)
{
	unsigned int i;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		frame.size = commands[i].size + 24;
		frame.bytes[commands[i].size] = 1;
		EXPECT_EQ(issue(&commands[i]), -E2BIG);
		frame.bytes[commands[i].size] = 0;
		frame.bytes[frame.size - 1] = 0x80;
		EXPECT_EQ(issue(&commands[i]), -E2BIG);
	}
}

static void absurd_size_is_e2big(void)
{
	unsigned int i;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		frame.size = sizeof(frame);
		EXPECT_EQ(issue(&commands[i]), -E2BIG);
		frame.size = UINT32_MAX;
		EXPECT_EQ(issue(&commands[i]), -E2BIG);
	}
}

static void bad_pointer_is_efault(void)
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++) {
		EXPECT_EQ(call(rw, commands[i].cmd, NULL), -EFAULT);
		EXPECT_EQ(call(rw, commands[i].cmd, (void *)8), -EFAULT);
	}
}

/* the last bytes of the structure are where no memory is */
static void half_a_structure_is_efault(void)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned char *map, *at;
	unsigned int i;

	make_pool();
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!EXPECT(map != MAP_FAILED))
		return;
	munmap(map + page, page);
	for (i = 0; i < nr_commands; i++) {
		fill(&commands[i]);
		at = map + page - commands[i].size + 4;
		memcpy(at, &frame, commands[i].size - 4);
		EXPECT_EQ(call(rw, commands[i].cmd, at), -EFAULT);
	}
	munmap(map, page);
}

static void read_only_memory_is_efault(void)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned char *map;
	unsigned int i;

	make_pool();
	map = mmap(NULL, page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!EXPECT(map != MAP_FAILED))
		return;
	for (i = 0; i < nr_commands; i++) {
		mprotect(map, page, PROT_READ | PROT_WRITE);
		fill(&commands[i]);
		memcpy(map, &frame, commands[i].size);
		mprotect(map, page, PROT_READ);
		EXPECT_EQ(call(rw, commands[i].cmd, map), -EFAULT);
	}
	munmap(map, page);
}

/* an address that is aligned to nothing */
static void unaligned_structure_is_right(void)
{
	struct workpool_ioc_info info = { .size = sizeof(info) };
	unsigned char bytes[sizeof(info) + 1];

	memcpy(bytes + 1, &info, sizeof(info));
	EXPECT_EQ(call(ro, WORKPOOL_IOC_INFO, bytes + 1), 0);
	memcpy(&info, bytes + 1, sizeof(info));
	EXPECT_EQ(info.size, sizeof(info));
	EXPECT(info.version[0]);
}

static void unknown_command_is_enotty(void)
{
	static const unsigned long unknown[] = {
		_IO(WORKPOOL_IOC_TYPE, 0x10), _IO(WORKPOOL_IOC_TYPE, 0x1f),
		_IO(WORKPOOL_IOC_TYPE, 0xff), _IO(WORKPOOL_IOC_TYPE + 1, 0),
		_IO(WORKPOOL_IOC_TYPE - 1, 2), _IO(0, 0), 0xffffffff,
		_IOWR(WORKPOOL_IOC_TYPE, 2, struct workpool_ioc_stat),
		_IOR(WORKPOOL_IOC_TYPE, 0, struct workpool_ioc_info),
		_IOW(WORKPOOL_IOC_TYPE, 3, struct workpool_ioc_tune),
		TCGETS,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		memset(&frame, POISON, sizeof(frame));
		EXPECT_EQ(call(rw, unknown[i], &frame), -ENOTTY);
		EXPECT_EQ(call(ro, unknown[i], NULL), -ENOTTY);
	}
}

static void name_without_nul_is_einval(void)
{
	unsigned int i;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		fill(&commands[i]);
		memset(frame.ref.name, 'a', sizeof(frame.ref.name));
		EXPECT_EQ(issue(&commands[i]), -EINVAL);
	}
}

static void neither_id_nor_name_is_einval(void)
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		fill(&commands[i]);
		memset(frame.ref.name, 0, sizeof(frame.ref.name));
		EXPECT_EQ(issue(&commands[i]), -EINVAL);
	}
}

static void unknown_pool_is_enoent(void)
{
	__u32 ids[] = { 0x7ffffff0, 0x80000000, UINT32_MAX };
	unsigned int i, j;

	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		fill(&commands[i]);
		set_name(frame.ref.name, "abi-nobody");
		EXPECT_EQ(issue(&commands[i]), -ENOENT);
		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			frame.ref.id = ids[j];
			EXPECT_EQ(issue(&commands[i]), -ENOENT);
		}
	}
}

/* the id of a pool that is gone is not given to the next one at once */
static void destroyed_pool_is_enoent(void)
{
	__u32 id, multi_id;
	unsigned int i;

	make_pool();
	id = id_of(POOL);
	multi_id = multi_state(MULTI).id;
	EXPECT_EQ(control("destroy " POOL), 0);
	EXPECT_EQ(control("destroy " MULTI), 0);
	EXPECT_EQ(control("create abi-other 1"), 0);
	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		fill(&commands[i]);
		EXPECT_EQ(issue(&commands[i]), -ENOENT);
		memset(frame.ref.name, 0, sizeof(frame.ref.name));
		frame.ref.id = commands[i].multi ? multi_id : id;
		EXPECT_EQ(issue(&commands[i]), -ENOENT);
	}
}

/* with an id the name does not matter; both come back */
static void id_comes_before_name(void)
{
	unsigned int i;
	__u32 id;

	make_pool();
	EXPECT_EQ(control("create abi-other 1"), 0);
	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		id = id_for(&commands[i]);
		fill(&commands[i]);
		frame.ref.id = id;
		set_name(frame.ref.name, "abi-other");
		EXPECT_EQ(issue(&commands[i]), 0);
		EXPECT_EQ(frame.ref.id, id);
		EXPECT(!strcmp(frame.ref.name, name_for(&commands[i])));
	}
}

static void name_finds_the_same_pool(void)
{
	size_t i, j, len;
	__u32 id;

	make_pool();
	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		id = id_for(&commands[i]);
		fill(&commands[i]);
		/* bytes behind the NUL do not matter */
		len = strlen(name_for(&commands[i]));
		frame.ref.name[len + 1] = 'x';
		EXPECT_EQ(issue(&commands[i]), 0);
		EXPECT_EQ(frame.ref.id, id);
		for (j = len; j < sizeof(frame.ref.name); j++)
			EXPECT_EQ(frame.ref.name[j], 0);
	}
}

/* a command that fails has not touched the caller's structure */
static void failure_leaves_the_structure_alone(void)
{
	static union frame before;
	unsigned int i;

	for (i = 0; i < nr_commands; i++) {
		if (!is_named(&commands[i]))
			continue;
		fill(&commands[i]);
		set_name(frame.ref.name, "abi-nobody");
		memcpy(&before, &frame, sizeof(frame));
		EXPECT_EQ(issue(&commands[i]), -ENOENT);
		EXPECT(!memcmp(&before, &frame, sizeof(frame)));
	}
}

static void write_is_refused(void)
{
	char byte = 0;

	EXPECT_EQ(write(rw, &byte, 1), -1);
	EXPECT_EQ(errno, EINVAL);
}

static const struct test forms_tests[] = {
	TEST(exact_size_is_right),
	TEST(short_size_is_einval),
	TEST(size_of_the_first_version_is_right),
	TEST(long_size_with_zero_tail_is_right),
	TEST(long_size_with_garbage_tail_is_e2big),
	TEST(absurd_size_is_e2big),
	TEST(bad_pointer_is_efault),
	TEST(half_a_structure_is_efault),
	TEST(read_only_memory_is_efault),
	TEST(unaligned_structure_is_right),
	TEST(unknown_command_is_enotty),
	TEST(name_without_nul_is_einval),
	TEST(neither_id_nor_name_is_einval),
	TEST(unknown_pool_is_enoent),
	TEST(destroyed_pool_is_enoent),
	TEST(id_comes_before_name),
	TEST(name_finds_the_same_pool),
	TEST(failure_leaves_the_structure_alone),
	TEST(write_is_refused),
};

SUITE(forms);
