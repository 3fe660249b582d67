/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the ioctl fuzzer share.
 */
#ifndef WP_IOCTL_FUZZ_H
#define WP_IOCTL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/workpool.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* More than the page that the kernel accepts. */
#define DATA_MAX	4200

enum fd_kind {
	FD_WRITE,	/* may change pools */
	FD_READ,	/* opened for reading */
	FD_PLAIN,	/* opened for writing, no capability */
	NR_FD_KINDS
};

enum memory {
	MEM_USUAL,
	MEM_READONLY,
	MEM_NONE,	/* a NULL pointer */
	NR_MEMORIES
};

/**
 * struct call - one ioctl
 * @cmd: its number
 * @fd: on which file
 * @memory: where its argument is
 * @room: bytes of the argument before memory that cannot be touched
 * @data: the argument, the first @room bytes of it
 */
struct call {
	__u32 cmd;
	enum fd_kind fd;
	enum memory memory;
	__u32 room;
	unsigned char data[DATA_MAX];
};

/**
 * struct form - what is known of a command
 * @name: for people
 * @size: bytes of its structure
 * @min_size: of its first version
 * @admin: it changes something
 * @named: it begins with id and name of a pool, or of a multi
 */
struct form {
	const char *name;
	__u32 size;
	__u32 min_size;
	bool admin;
	bool named;
};

/* forms.c */
const struct form *form_of(__u32 cmd);
extern const unsigned int nr_forms;

/* text.c: calls as lines of text, as in seeds/ */
bool call_read(FILE *file, struct call *call);
void call_print(const struct call *call, const char *mark);

/* make.c */
void make_seed(__u64 seed);
__u32 make_below(__u32 n);
void make_call(struct call *call, const struct call *corpus, unsigned int nr);

/* judge.c: returns NULL, or what is wrong; @after is @call's data after it */
const char *judge(const struct call *call, int err, const unsigned char *after);

#endif /* WP_IOCTL_FUZZ_H */
