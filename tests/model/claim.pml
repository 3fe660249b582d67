/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Embedded tasks: the claim, the home, and what is ordered outside of a pool's lock.
 *
 * One task, POOLS pools with a worker each, QUEUERS who queue it, each to
 * a pool of its own choice, and somebody who cancels it, perhaps. Each pool has its
 * lock, a real one here: what is done under the lock of one pool takes several steps
 * where it touches the task, because the lock of another pool does not keep it away.
 *
 *  - workpool_task.state and the data that a queuer leaves for the function are
 *    written through a store buffer: a full barrier, a successful cmpxchg() and
 *    giving back a lock empty it; nothing else does, not a cmpxchg() that fails nor
 *    atomic_andnot(), and reads are as early as they can be, as on arm64;
 *  - the number of a pool is its index + 1, as workpool.home;
 *  - who finds the task claimed but not linked looks again (wp_task_at_home());
 *  - that workers come for what is queued is in pool.pml. A second worker of the pool
 *    would only find that the task runs, and bind it: the one waits instead.
 *
 * Not modelled: delayed tasks, flushers, groups, stealing, pools that close or go away.
 */

#ifndef POOLS
#define POOLS	2
#endif
#ifndef QUEUERS
#define QUEUERS	2
#endif

/* Where the task is linked: workpool_task.place */
#define UNLINKED 0
#define LINE	1		/* in workpool.pending */
#define BOUND	2		/* in wp_worker.bound */

/* struct workpool and its only worker */
bool lock[POOLS];
bool pending[POOLS];		/* the task is in the line */
bool busy[POOLS];		/* a worker executes it: workpool.busy */
bool bound[POOLS];		/* wp_worker.bound */

/* struct workpool_task */
bool state;			/* WP_TASK_PENDING */
byte home;
byte place;

/* What the check knows */
byte data;			/* what was left for the function: a set of queuers */
byte seen;			/* what the function has found of it */
byte executing;
byte late_data[QUEUERS];	/* store buffers */
bool late_unclaim[POOLS];
byte runs, queued, cancelled;

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
	:: d_step { late_unclaim[0] -> late_unclaim[0] = false; state = false }
#if POOLS > 1
	:: d_step { late_unclaim[1] -> late_unclaim[1] = false; state = false }
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
		:: late_unclaim[pool] -> late_unclaim[pool] = false; state = false
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

/* claim(), into ok */
inline claim(me, ok)
{
#ifndef BUG_NO_MB_CLAIM
	queuer_mb(me);			/* smp_mb__before_atomic() */
#endif
#ifdef BUG_CLAIM_RACE
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

/* link_locked() of the claimed task */
inline link(pool)
{
	assert(lock[pool]);
	home = pool + 1;
	d_step {
		assert(state && place == UNLINKED);
		if
		:: busy[pool] && !pending[pool] -> place = BOUND; bound[pool] = true
		:: else -> place = LINE; pending[pool] = true
		fi
	}
}

/*
 * settle(): the claimed task goes to where it runs, if it does. Called with the lock
 * of pool, returns with that of where.
 */
inline settle(pool, where)
{
	where = home - 1;
	pool_unlock(pool);
	pool_lock(where);
	if
	:: busy[where]
	:: else ->
		home = 0;
		pool_unlock(where);
		pool_lock(pool);
		where = pool
	fi
}

/* workpool_queue(), place() */
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
	claim(me, ok);
	if
	:: ok ->
		queued++;
		where = pool;
#ifndef BUG_NO_SETTLE
		if
		:: home && home != pool + 1 -> settle(pool, where)
		:: else
		fi;
#endif
		link(where);
		pool_unlock(where)
	:: else ->
		/* -EALREADY: the function has yet to run, and will see it */
		queuer_mb(me);
		pool_unlock(pool)
	fi
}

/* A worker: wp_task_take_locked() or a bound task; then the function */
proctype worker(byte pool)
{
	byte found;

end_idle:
	do
	:: atomic { pending[pool] && !lock[pool] && !busy[pool] -> lock[pool] = true };
		/* begin_locked() */
		d_step {
			assert(place == LINE && home == pool + 1 && state);
			pending[pool] = false;
			place = UNLINKED;
			busy[pool] = true
		}
		late_unclaim[pool] = true;	/* unclaim() */
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
		/* wp_task_end_locked() */
		pool_lock(pool);
		worker_mb(pool);
		d_step {
			busy[pool] = false;
#ifndef BUG_BOUND_LOST
			if
			:: bound[pool] ->
				bound[pool] = false;
				place = LINE;
				pending[pool] = true
			:: else
			fi
#endif
		}
		pool_unlock(pool)
	od
}

#ifdef CANCEL
/* workpool_cancel(), wp_task_at_home(): by somebody who finds it by its home */
proctype canceller()
{
	byte at;
	bool over;

	do
	:: !over ->
		at = home;
		if
		:: at ->
			pool_lock(at - 1);
			if
#ifdef BUG_NO_HOME_CHECK
			:: state && place != UNLINKED ->
#else
			:: home == at && state && place != UNLINKED ->
#endif
				/* wp_task_unlink_locked() */
				d_step {
					assert(pending[at - 1] || bound[at - 1]);
					pending[at - 1] = false;
					bound[at - 1] = false;
					place = UNLINKED
				}
				cancelled++;
				state = false;
				over = true
			:: home == at && state && place == UNLINKED	/* -EAGAIN */
			:: home == at && !state -> over = true		/* -EBUSY, -ENOENT */
			:: home != at
			fi;
			pool_unlock(at - 1)
		:: !at && !state -> over = true
		:: !at && state
		fi;
		at = 0
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
		i = 0
	}
	timeout ->
	d_step {
		/* once for each that queued it, and all that was left was seen */
		assert(!state && place == UNLINKED && runs + cancelled == queued);
		assert(cancelled || seen == (1 << QUEUERS) - 1);
		for (p : 0 .. POOLS - 1) {
			assert(!lock[p] && !pending[p] && !busy[p] && !bound[p])
		}
	}
}
