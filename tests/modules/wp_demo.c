// SPDX-License-Identifier: GPL-2.0
/*
 * wp_demo: a client of workpool, and a pattern to copy from.
 *
 * It has a pool "demo" and the directory wp_demo in debugfs:
 *
 *   control  Write absolute paths, one per line. Each becomes one task, which
 *	      reads that file and computes its SHA-256. While all workers are
 *	      busy the write waits: that is the back-pressure. On a released
 *	      pool it fails with ESHUTDOWN. The line "!crash null" is a task
 *	      that dereferences NULL.
 *   results  The digests as sha256sum prints them, in the order of submission.
 *   status   "key: value" lines, then one line for each file that failed.
 *
 * A line ends with a newline; what follows the last one is dropped at close.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <linux/workpool.h>

#define MAX_BYTES	SZ_1G	/* a larger file is an error */
#define PENDING		1	/* in demo_file.result: not finished yet */

static int capacity = 4;
module_param(capacity, int, 0444);
MODULE_PARM_DESC(capacity, "workers at most, -1: no limit (default: 4)");

static unsigned int delay_ms;
module_param(delay_ms, uint, 0444);
MODULE_PARM_DESC(delay_ms, "sleep of each task, as if a disk was slow (default: 0)");

static struct workpool *pool;
static struct crypto_shash *tfm;
static struct dentry *dir;

/* One accepted path; stays until the module goes */
struct demo_file {
	struct list_head node;
	loff_t bytes;
	int result;	/* 0, a negative errno or PENDING */
	u8 digest[SHA256_DIGEST_SIZE];
	char path[];
};

static LIST_HEAD(files);
static DEFINE_MUTEX(files_lock);	/* the list and every ->result */

/* What a worker hashes with: made once for it, not once for each file */
struct hasher {
	u8 buf[SZ_64K];
	struct shash_desc desc;		/* the state of the hash follows */
};

static int hasher_init(struct workpool *pool, void **worker_data)
{
	struct hasher *hasher;

	hasher = kvmalloc(sizeof(*hasher) + crypto_shash_descsize(tfm),
			  GFP_KERNEL);
	if (!hasher)
		return -ENOMEM;
	hasher->desc.tfm = tfm;
	*worker_data = hasher;
	return 0;
}

static void hasher_exit(struct workpool *pool, void *worker_data)
{
	kvfree(worker_data);
}

static int hash_contents(struct hasher *hasher, struct file *in,
			 struct demo_file *file)
{
	ssize_t len;
	int err;

	err = crypto_shash_init(&hasher->desc);
	while (!err) {
		len = kernel_read(in, hasher->buf, sizeof(hasher->buf),
				  &file->bytes);
		if (len < 0)
			return len;
		if (!len)
			break;
		if (file->bytes > MAX_BYTES)
			return -EFBIG;
		err = crypto_shash_update(&hasher->desc, hasher->buf, len);
	}
	return err ?: crypto_shash_final(&hasher->desc, file->digest);
}

static int hash_path(struct hasher *hasher, struct demo_file *file)
{
	struct file *in;
	int err;

	fsleep(delay_ms * USEC_PER_MSEC);
	/* O_NONBLOCK: nobody waits for the other end of a FIFO */
	in = filp_open(file->path, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
	if (IS_ERR(in))
		return PTR_ERR(in);
	err = S_ISREG(file_inode(in)->i_mode) ?
		hash_contents(hasher, in, file) : -EINVAL;
	filp_close(in, NULL);
	return err;
}

static void set_result(struct demo_file *file, int result)
{
	mutex_lock(&files_lock);
	file->result = result;
	mutex_unlock(&files_lock);
}

/* The task */
static void hash_file(void *arg)
{
	struct demo_file *file = arg;

	set_result(file, hash_path(workpool_worker_data(), file));
}

static void crash_null(void *arg)
{
	WRITE_ONCE(*(int *)arg, 0);
}

/* The pool goes on after a crash; what is left to do is our own bookkeeping */
static void demo_crash(struct workpool *pool, const struct workpool_crash *info)
{
	pr_warn("worker %u (%s, pid %d) died in %ps: %pe\n", info->worker,
		info->comm, info->pid, info->fn, ERR_PTR(info->reason));
	if (info->fn == hash_file)
		set_result(info->arg, info->reason);
}

static const struct workpool_ops demo_ops = {
	.worker_init = hasher_init,
	.worker_exit = hasher_exit,
	.crash = demo_crash,
};

static int submit_path(const char *path)
{
	size_t size = strlen(path) + 1;
	struct demo_file *file;
	int err;

	file = kzalloc(struct_size(file, path, size), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	file->result = PENDING;
	memcpy(file->path, path, size);
	err = workpool_submit(pool, hash_file, file);
	if (err) {
		kfree(file);
		return err;
	}
	mutex_lock(&files_lock);
	list_add_tail(&file->node, &files);
	mutex_unlock(&files_lock);
	return 0;
}

static int submit_line(const char *line)
{
	if (line[0] == '/')
		return submit_path(line);
	if (!strcmp(line, "!crash null"))
		return workpool_submit(pool, crash_null, NULL);
	return -EINVAL;
}

/* An open control file and the line that is being written to it */
struct control {
	struct mutex lock;	/* one write at a time */
	size_t len;
	char line[PATH_MAX];
};

static int control_open(struct inode *inode, struct file *file)
{
	struct control *control = kzalloc(sizeof(*control), GFP_KERNEL);

	if (!control)
		return -ENOMEM;
	mutex_init(&control->lock);
	file->private_data = control;
	return nonseekable_open(inode, file);
}

static int control_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* Returns 1 when @c ended a line that was accepted. */
static int control_put(struct control *control, char c)
{
	if (c == '\n') {
		control->line[control->len] = '\0';
		control->len = 0;
		return submit_line(control->line) ?: 1;
	}
	if (control->len == sizeof(control->line) - 1)
		return -ENAMETOOLONG;
	control->line[control->len++] = c;
	return 0;
}

/*
 * Accepts all lines before the first that fails. The writer sees a short write,
 * writes the rest again, and that fails with the error.
 */
static ssize_t control_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct control *control = file->private_data;
	size_t i, accepted = 0;
	int ret = 0;
	char c;

	mutex_lock(&control->lock);
	for (i = 0; i < count && ret >= 0; i++) {
		ret = get_user(c, buf + i) ?: control_put(control, c);
		if (ret > 0)
			accepted = i + 1;
	}
	if (ret < 0)
		control->len = 0;
	else
		accepted = count;
	mutex_unlock(&control->lock);
	return accepted ?: ret;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.write = control_write,
	.release = control_release,
};

static int results_show(struct seq_file *m, void *unused)
{
	struct demo_file *file;

	mutex_lock(&files_lock);
	list_for_each_entry(file, &files, node)
		if (!file->result)
			seq_printf(m, "%*phN  %s\n", SHA256_DIGEST_SIZE,
				   file->digest, file->path);
	mutex_unlock(&files_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int status_show(struct seq_file *m, void *unused)
{
	unsigned int submitted = 0, done = 0, pending = 0;
	struct demo_file *file;
	loff_t bytes = 0;

	mutex_lock(&files_lock);
	list_for_each_entry(file, &files, node) {
		submitted++;
		done += !file->result;
		pending += file->result == PENDING;
		bytes += file->result ? 0 : file->bytes;
	}
	seq_printf(m, "submitted: %u\ndone: %u\ndone_bytes: %lld\n"
		   "failed: %u\npending: %u\n", submitted, done, bytes,
		   submitted - done - pending, pending);
	list_for_each_entry(file, &files, node)
		if (file->result < 0)
			seq_printf(m, "error: %pe %s\n", ERR_PTR(file->result),
				   file->path);
	mutex_unlock(&files_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init demo_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	attrs.ops = &demo_ops;
	pool = workpool_create(&attrs, "demo");
	if (IS_ERR(pool)) {
		crypto_free_shash(tfm);
		return PTR_ERR(pool);
	}
	dir = debugfs_create_dir("wp_demo", NULL);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	debugfs_create_file("results", 0444, dir, NULL, &results_fops);
	debugfs_create_file("status", 0444, dir, NULL, &status_fops);
	return 0;
}

static void __exit demo_exit(void)
{
	struct demo_file *file, *tmp;

	debugfs_remove(dir);
	workpool_destroy(pool);
	crypto_free_shash(tfm);
	list_for_each_entry_safe(file, tmp, &files, node)
		kfree(file);
}

module_init(demo_init);
module_exit(demo_exit);

MODULE_DESCRIPTION("workpool demo: SHA-256 of files");
MODULE_AUTHOR("workpool authors");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
