# SPDX-License-Identifier: GPL-2.0
#
# What the kernel may complain about while groups of the black-box tests run that provoke it:
# options of tests/vm/boot. Sourced by scripts.
# shellcheck shell=bash disable=SC2034

# misuse is answered with a warning: leak, warn, circle
misuse=(--allow 'workpool_(multi_)?destroy'
	--allow 'WARNING: .*/(cancel|flush|unload)\.c:'
	--allow 'BUG: pool st[0-9]* *: task')
# crash: no lock of ours is held when a task crashes, and no oops is in our own text
crashes=(--oops-in 'st_crash_[a-z.]+\+.*\[wp_selftest\]'
	--allow 'kernel BUG at (.*/)?selftest/crash\.c:'
	--allow 'WARNING: .*(rcu_note_context_switch|ct_kernel_exit)')
