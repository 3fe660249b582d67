/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Embedded tasks: the pending bit, the last pool, and what is ordered outside of a
 * pool's lock.
 *
 * Leases are not modelled: a leased task is pending, and a thread that has the lock of
 * its pool takes it back into the queue before it looks.
 *
 * One task, POOLS pools with a worker each, QUEUERS threads that queue it, each in
 * a pool of its own choice, and perhaps a thread that cancels it, and STEALS moves
 * from the queue of each pool to the other one. Each pool has its
 * lock, a real one here: what is done under the lock of one pool takes several steps
 * where it touches the task, because the lock of another pool does not keep it away.
 *
 *  - workpool_task.state and the data that a queuer leaves for the function are
 *    written through a store buffer: a full barrier, a successful cmpxchg() and
 *    an unlock empty it; nothing else does, not a cmpxchg() that fails nor
 *    atomic_andnot(), and reads are as early as they can be, as on arm64;
 *  - the number of a pool is its index + 1, as workpool.lookup_id; above are those of
 *    moves, see wp_link_leave_locked();
 *  - a thread that finds the task pending but not linked looks again, as
 *    wp_task_at_last_pool() does;
 *  - that workers come for what is queued is in pool.pml. A second worker of the pool
 *    would only find that the task runs, and make it wait for a rerun: the one worker
 *    waits instead.
 *
 * Not modelled: delayed tasks, flushers, groups, pools that close or go away.
 */

#ifndef POOLS
#define POOLS	2
#endif
#ifndef QUEUERS
#define QUEUERS	2
#endif

/* Where the task is linked: workpool_task.node.kind, and whether it is in a list */
#define UNLINKED 0
#define IN_QUEUE 1		/* in workpool.queue */
#define RERUN	2		/* in wp_worker.rerun */

/* struct workpool and its only worker */
bool lock[POOLS];
bool queued_in[POOLS];		/* the task is in the queue */
bool busy[POOLS];		/* a worker executes it: workpool.busy_workers */
bool rerun[POOLS];		/* wp_worker.rerun */

/* struct workpool_task */
bool state;			/* WP_TASK_PENDING */
byte last_pool;
byte place;

/* What the check knows */
byte data;			/* what was left for the function: a set of queuers */
byte seen;			/* what the function has found of it */
byte executing;
byte late_data[QUEUERS];	/* store buffers */
bool late_clear[POOLS];
byte runs, queued, cancelled;

byte moves;			/* workpool.nr_left, of both pools */

hidden byte p;

/* The buffers empty when the hardware likes. */
proctype buffers()
{
end_gone:
	do
	:: d_step { late_data[0] -> data = data | late_data[0]; late_data[0] = 0 }
#if QUEUERS > 1
	:: d_step { late_data[1] -> data = data | late_data[1]; late_data[1] = 0 }
#endif
	:: d_step { late_clear[0] -> late_clear[0] = false; state = false }
#if POOLS > 1
	:: d_step { late_clear[1] -> late_clear[1] = false; state = false }
#endif
	od
}

/* smp_mb() of a queuer, and of a worker */
inline queuer_mb(me)
{
	d_step { data = data | late_data[me]; late_data[me] = 0 }
}

inline worker_mb(pool)
{
	d_step {
		if
		:: late_clear[pool] -> late_clear[pool] = false; state = false
		:: else
		fi
	}
}

inline pool_lock(pool)
{
	atomic { !lock[pool] -> lock[pool] = true }
}

inline pool_unlock(pool)
{
	lock[pool] = false
}

/* wp_pending_grab(), into ok */
inline pending_grab(me, ok)
{
#ifndef BUG_NO_MB_GRAB
	queuer_mb(me);			/* smp_mb__before_atomic() */
#endif
#ifdef BUG_GRAB_RACE
	ok = !state;			/* atomic_read(), atomic_set() */
	if
	:: ok -> state = true
	:: else
	fi
#else
	d_step {			/* atomic_cmpxchg() */
		ok = !state;
		if
		:: ok ->
			state = true;
			data = data | late_data[me];
			late_data[me] = 0
		:: else
		fi
	}
#endif
}

/* wp_link_queue_locked() of the pending task */
inline link_queue(pool)
{
	assert(lock[pool]);
	last_pool = pool + 1;
	d_step {
		assert(state && place == UNLINKED);
		if
		:: busy[pool] && !queued_in[pool] -> place = RERUN; rerun[pool] = true
		:: else -> place = IN_QUEUE; queued_in[pool] = true
		fi
	}
}

/* wp_link_leave_locked(): on its way to another pool */
inline leave(pool)
{
	assert(lock[pool]);
#ifndef BUG_MOVES_ALIKE
	moves++;
#endif
	last_pool = POOLS + 1 + moves
}

/*
 * wp_task_settle_locked(): the pending task goes to the pool where it runs, if it
 * does. Called with the lock of pool, returns with that of where.
 */
inline task_settle(pool, where)
{
	where = last_pool - 1;
	pool_unlock(pool);
	pool_lock(where);
	if
	:: busy[where]
	:: else ->
		leave(where);
		pool_unlock(where);
		pool_lock(pool);
		where = pool
	fi
}

/* workpool_queue(), wp_task_accept_locked() */
proctype queuer(byte me)
{
	byte pool, where;
	bool ok;

	if
	:: pool = 0
	:: pool = POOLS - 1
	fi;
	late_data[me] = 1 << me;
	pool_lock(pool);
	pending_grab(me, ok);
	if
	:: ok ->
		queued++;
		where = pool;
#ifndef BUG_NO_SETTLE
		if
		:: last_pool && last_pool != pool + 1 -> task_settle(pool, where)
		:: else
		fi;
#endif
		link_queue(where);
		pool_unlock(where)
	:: else ->
		/* -EALREADY: the function has yet to run, and will see it */
		queuer_mb(me);
		pool_unlock(pool)
	fi
}

/* A worker takes the task, and executes its function. */
proctype worker(byte pool)
{
	byte found;

end_idle:
	do
	:: atomic { queued_in[pool] && !lock[pool] && !busy[pool] -> lock[pool] = true };
		/* running_begin_locked() */
		d_step {
			assert(place == IN_QUEUE && last_pool == pool + 1 && state);
			queued_in[pool] = false;
			place = UNLINKED;
			busy[pool] = true
		}
		late_clear[pool] = true;	/* wp_pending_clear() */
#ifndef BUG_NO_MB_BEGIN
		worker_mb(pool);		/* smp_mb__after_atomic() */
#endif
		found = data;			/* may be as early as this */
		worker_mb(pool);
		pool_unlock(pool);
		/* the function */
		executing++;
		assert(executing == 1);		/* never on two workers at once */
		d_step { seen = seen | found; found = 0; runs++; executing-- }
		/* wp_running_end_locked() */
		pool_lock(pool);
		worker_mb(pool);
		d_step {
			busy[pool] = false;
#ifndef BUG_RERUN_LOST
			if
			:: rerun[pool] ->
				rerun[pool] = false;
				place = IN_QUEUE;
				queued_in[pool] = true
			:: else
			fi
#endif
		}
		pool_unlock(pool)
	od
}

#ifdef STEALS
/* steal_one(), when it finds the task in the queue */
proctype thief(byte from)
{
	byte nr;

end_idle:
	do
	:: atomic { nr < STEALS && queued_in[from] && !lock[from] -> lock[from] = true };
		nr++;
		if
		:: busy[from] ->		/* it runs here: it stays */
			pool_unlock(from)
		:: else ->
			d_step { queued_in[from] = false; place = UNLINKED }
			leave(from);
			pool_unlock(from);
			pool_lock(POOLS - 1 - from);
			link_queue(POOLS - 1 - from);
			pool_unlock(POOLS - 1 - from)
		fi
	od
}
#endif

#ifdef CANCEL
/* A worker executes the task, wherever. */
#define IS_BUSY	(busy[0] || busy[POOLS - 1])

/* workpool_cancel(), wp_task_at_last_pool() */
proctype canceller()
{
	byte at;
	bool over, pending, was_busy;

	do
	:: !over ->
#ifdef BUG_NO_ACQUIRE
		d_step { pending = state; was_busy = IS_BUSY }
#endif
		at = last_pool;			/* smp_load_acquire() */
		if
		:: at && at <= POOLS ->
			pool_lock(at - 1);
			if
#ifdef BUG_NO_POOL_CHECK
			:: state && place != UNLINKED ->
#else
			:: last_pool == at && state && place != UNLINKED ->
#endif
				/* wp_link_remove_locked() */
				d_step {
					assert(queued_in[at - 1] || rerun[at - 1]);
					queued_in[at - 1] = false;
					rerun[at - 1] = false;
					place = UNLINKED
				}
				cancelled++;
				state = false;
				over = true
			:: last_pool == at && state && place == UNLINKED	/* -EAGAIN */
			:: last_pool == at && !state ->	/* -EBUSY or -ENOENT */
				assert(busy[at - 1] || !IS_BUSY);
				over = true
			:: last_pool != at
			fi;
			pool_unlock(at - 1)
		:: else ->
#ifndef BUG_NO_ACQUIRE
			d_step { pending = state; was_busy = IS_BUSY }
#endif
			if
			:: !pending && last_pool == at ->	/* smp_rmb(), -ENOENT */
				assert(!was_busy);
				over = true
			:: else
			fi
		fi;
		d_step { at = 0; pending = false; was_busy = false }
	:: else -> break
	od
}
#endif

init
{
	byte i;

	atomic {
		run buffers();
		for (i : 0 .. POOLS - 1) {
			run worker(i)
		}
		for (i : 0 .. QUEUERS - 1) {
			run queuer(i)
		}
#ifdef CANCEL
		run canceller();
#endif
#ifdef STEALS
		run thief(0);
		run thief(POOLS - 1);
#endif
		i = 0
	}
	timeout ->
	d_step {
		/* once for each that queued it, and all that was left was seen */
		assert(!state && place == UNLINKED && runs + cancelled == queued);
		assert(cancelled || seen == (1 << QUEUERS) - 1);
		for (p : 0 .. POOLS - 1) {
			assert(!lock[p] && !queued_in[p] && !busy[p] && !rerun[p])
		}
	}
}
