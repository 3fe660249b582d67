/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mailbox: how an order gets to a worker that is about to sleep, is asleep, or
 * runs, and what the poster may touch while it does.
 *
 * One worker parks and gets ROUNDS orders, the last of which lets it go. Each order
 * comes from another poster, and any poster may take the worker off the stack. What
 * is modelled here and not in pool.pml is memory and the scheduler:
 *
 *  - a poster's writes stand in its store buffer until they are seen. They are seen in
 *    any order but for smp_store_release(), which comes after what was written
 *    before it, and a full barrier, before which the buffer empties. The worker's
 *    write of its task state may be late in the same way. A lock is a full barrier:
 *    more than it is, but what matters here is outside of it;
 *  - the worker may have read what goes with an order before the order, but for
 *    smp_load_acquire();
 *  - schedule() sleeps when the task state says so, and wake_up_process() ends
 *    that; the state may be anything else by then. There is one wake-up for no reason;
 *  - the thread may end, and the reaper frees the worker at once, the task_struct
 *    after a grace period. None ends while a thread has preemption off.
 */

#ifndef ROUNDS
#define ROUNDS	3
#endif

#define NONE	0		/* enum wp_order */
#define RUN	1
#define LEAVE	2

#define RUNNING	0		/* task_struct.__state */
#define SLEEPY	1		/* TASK_IDLE */
#define ENDED	2

#define NOTHING	255		/* the buffer holds no write */

/* struct wp_worker */
byte order;
byte call;			/* goes with the order: number of the poster */
bool parked;			/* on the stack */
bool worker_freed;

/* struct task_struct */
byte task_state;
bool task_freed;
byte readers;			/* threads with preemption off */

/* What the check knows */
byte posted;			/* posters that took the worker off the stack */
byte executed;			/* a set of calls */

/* The store buffers of the posters, and of the worker */
byte late_order[ROUNDS] = NOTHING, late_call[ROUNDS] = NOTHING;
byte late_state = NOTHING;

/* A poster's write of its call is seen from here on. */
inline see_call(p)
{
	assert(!worker_freed);
	call = late_call[p];
	late_call[p] = NOTHING
}

inline see_order(p)
{
	assert(!worker_freed);
	order = late_order[p];
	late_order[p] = NOTHING
}

/* smp_mb() of a poster */
inline poster_mb(p)
{
	d_step {
		if
		:: late_call[p] != NOTHING -> see_call(p)
		:: else
		fi;
		if
		:: late_order[p] != NOTHING -> see_order(p)
		:: else
		fi
	}
}

/* smp_store_release(): not before what was written before */
#ifdef BUG_NO_RELEASE
#define MAY_BE_SEEN(p)	true
#else
#define MAY_BE_SEEN(p)	(late_call[p] == NOTHING)
#endif

/* What the hardware does when it likes */
proctype buffers(byte p)
{
end_empty:
	do
	:: d_step { late_call[p] != NOTHING -> see_call(p) }
	:: d_step { late_order[p] != NOTHING && MAY_BE_SEEN(p) -> see_order(p) }
	od
}

proctype worker_buffer()
{
end_empty:
	do
	:: d_step { late_state != NOTHING -> task_state = late_state; late_state = NOTHING }
	od
}

/* wake_up_process(): a full barrier, then a look at the state */
inline wake_up()
{
	d_step {
		assert(!task_freed);
		if
		:: task_state == SLEEPY -> task_state = RUNNING
		:: else
		fi
	}
}

/* set_current_state(), a full barrier after the write, or __set_current_state() */
inline set_state(to)
{
#ifdef BUG_NO_MB
	late_state = to
#else
	task_state = to
#endif
}

/* wp_mailbox_post() */
inline mailbox_post(p, what)
{
#ifndef BUG_PREEMPT
	readers++;			/* preempt_disable() */
#endif
#ifdef BUG_WAKE_FIRST
	poster_mb(p);
	wake_up();
	late_order[p] = what;
#else
	late_order[p] = what;		/* smp_store_release() */
	poster_mb(p);
#ifdef BUG_TOUCH_AFTER
	assert(!worker_freed);		/* reads worker->task only now */
#endif
	wake_up();
#endif
#ifndef BUG_PREEMPT
	readers--			/* preempt_enable() */
#endif
}

/* A thread takes the worker off the stack, and tells it what to do. */
proctype poster(byte p)
{
	byte what;

	/* wp_stack_pop(), wp_slot_assign_locked(): only this poster has the worker now */
	d_step {
		parked ->
		assert(!worker_freed && late_order[p] == NOTHING);
#ifndef BUG_TAKEN_TWICE
		parked = false;
#endif
		posted++;
		late_call[p] = p;
		what = (posted == ROUNDS -> LEAVE : RUN)
	}
	mailbox_post(p, what)
}

/* loop_park_locked() */
inline park()
{
#ifdef BUG_NONE_LATE
	parked = true;
	order = NONE;			/* after the lock: an order may be there */
#else
	d_step { order = NONE; parked = true }
#endif
}

/* wp_mailbox_wait() */
inline mailbox_wait(what, early)
{
	do
	:: true ->
#ifdef BUG_CHECK_FIRST
		what = order;
		set_state(SLEEPY);
#else
		set_state(SLEEPY);
#ifdef BUG_NO_ACQUIRE
		early = call;		/* speculation */
#endif
		what = order;
#endif
		if
		:: what != NONE -> break
		:: else
		fi;
		/* schedule(): switches away in a state that is seen by then */
		d_step {
			if
			:: late_state != NOTHING ->
				task_state = late_state;
				late_state = NOTHING
			:: else
			fi
		}
		task_state == RUNNING
	od;
	atomic {
		late_state = NOTHING;
		task_state = RUNNING
	}
}

proctype worker()
{
	byte what, early = NOTHING;

	do
	:: true ->
		park();
		mailbox_wait(what, early);
#ifndef BUG_NO_ACQUIRE
		early = call;
#endif
		d_step {
			/* an order comes with its call, and once */
			assert(early != NOTHING && !(executed & (1 << early)));
			executed = executed | (1 << early);
			early = NOTHING
		}
		if
		:: what == LEAVE -> break
		:: else -> what = NONE
		fi
	od;
	/* do_exit() */
	task_state = ENDED;
	/* the reaper: wp_worker_free(), put_task_struct() */
	worker_freed = true;
	atomic { readers == 0 -> task_freed = true }
}

/* A thread may be woken for another reason. */
proctype stranger()
{
	if
	:: d_step { !task_freed -> readers++ }
	   wake_up();
	   readers--
	:: task_freed
	fi
}

init
{
	byte i;

	atomic {
		call = NOTHING;
		run worker();
		run worker_buffer();
		for (i : 0 .. ROUNDS - 1) {
			run poster(i);
			run buffers(i)
		}
		run stranger();
		i = 0
	}
	timeout ->
	assert(task_freed && executed == (1 << ROUNDS) - 1)
}
