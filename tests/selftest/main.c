// SPDX-License-Identifier: GPL-2.0
/*
 * Black-box tests of workpool, run and read through debugfs.
 *
 * /sys/kernel/debug/wp_selftest:
 *  - list: "group name" of each test
 *  - run: takes the name of a test or group; returns when they have run
 *  - results: what they said, as KTAP
 *  - control: pools made by hand for the tests of the ioctls, see control.c
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "test.h"

#define LINE_MAX_LEN	255

static struct dentry *dir;

static int results_show(struct seq_file *m, void *unused)
{
	st_runner_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int list_show(struct seq_file *m, void *unused)
{
	st_runner_list(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(list);

static ssize_t write_line(const char __user *buf, size_t count,
			  int (*take)(char *line))
{
	char *line;
	int ret;

	if (count > LINE_MAX_LEN)
		return -EINVAL;
	line = memdup_user_nul(buf, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	ret = take(strim(line));
	kfree(line);
	return ret ? ret : count;
}

static int take_run(char *line)
{
	return st_runner_run(line);
}

static ssize_t run_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	return write_line(buf, count, take_run);
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
};

static ssize_t control_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos)
{
	return write_line(buf, count, st_control_line);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

static int __init selftest_init(void)
{
	int ret = st_runner_init();

	if (ret)
		return ret;
	dir = debugfs_create_dir("wp_selftest", NULL);
	debugfs_create_file("list", 0444, dir, NULL, &list_fops);
	debugfs_create_file("run", 0200, dir, NULL, &run_fops);
	debugfs_create_file("results", 0444, dir, NULL, &results_fops);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	return 0;
}

static void __exit selftest_exit(void)
{
	debugfs_remove_recursive(dir);
	st_control_exit();
	st_runner_exit();
}

module_init(selftest_init);
module_exit(selftest_exit);
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
MODULE_AUTHOR("workpool developers");
MODULE_DESCRIPTION("Black-box tests of workpool");
