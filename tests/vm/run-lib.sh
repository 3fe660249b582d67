# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What run-qemu and run-uml share; to be sourced after lib.sh.

# shellcheck disable=SC2034 # for the scripts that source this
parse_options()
{
	kernel='' initrd='' smp=2 mem=1024 append='' limit=120 log='' verbose='' gcov='' hostfs='' stop=TERM
	allow=() extra=()
	while [ $# -gt 0 ]; do
		case $1 in
		--verbose) verbose=1; shift; continue ;;
		--) shift; extra=("$@"); break ;;
		esac
		[ $# -gt 1 ] || die "$1 wants an argument"
		case $1 in
		--kernel) kernel=$2 ;;
		--initrd) initrd=$2 ;;
		--smp) smp=$2 ;;
		--mem) mem=$2 ;;
		--append) append="$append $2" ;;
		--timeout) limit=$2 ;;
		--log) log=$2 ;;
		--allow | --oops-in) allow+=("$1" "$2") ;;
		--gcov) gcov=$2 ;;
		--hostfs) hostfs=$2 ;;
		*) die "unknown option $1" ;;
		esac
		shift 2
	done
	[ -r "$kernel" ] || die "no kernel ${kernel:-: use --kernel}"
	[ -r "$initrd" ] || die "no initramfs ${initrd:-: use --initrd}"
	log=${log:-$WP_LOG/$WP_PROG.$$.log}
	mkdir -p "$(dirname "$log")"
}

# only what a terminal and a parser can stand
clean()
{
	sed -u -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' -e 's/[^[:print:]\t]//g'
}

# run_machine COMMAND...: the console is the standard output of COMMAND, which gets the signal
# $stop when the time is up. Returns what the test script returned; 124 if the time is up, 125
# without an end, 126 if the kernel complained.
run_machine()
{
	local start=$SECONDS rc=0 end

	: > "$log"
	# in the process group of the terminal, so that Ctrl-C reaches the machine
	if [ -n "$verbose" ]; then
		LC_ALL=C timeout --foreground -s "$stop" -k 5 "$limit" "$@" < /dev/null 2>&1 | clean | tee "$log" >&2 || true
		rc=${PIPESTATUS[0]}
	else
		(trap - INT; LC_ALL=C timeout --foreground -s "$stop" -k 5 "$limit" "$@" < /dev/null 2>&1 |
			clean > "$log") &
		wait_saying $! "$log"
		[ $((SECONDS - start)) -lt "$limit" ] || rc=124
	fi
	end=$(sed -nE "s/^.*T\| workpool-test-end rc=([0-9]+)\$/\1/p" "$log" | tail -n 1)
	if [ -z "$end" ]; then
		tail -n 20 "$log" >&2
		"$WP_VM/splats" "${allow[@]}" "$log" >&2 || true
		if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
			say "stopped after the time limit of $limit s, all of it in $log"
			return 124
		fi
		say "the machine ended before the test did, all of it in $log"
		return 125
	fi
	if ! "$WP_VM/splats" "${allow[@]}" "$log" >&2; then
		say "the kernel complained (above), all of it in $log"
		[ "$end" != 0 ] || return 126
	fi
	return "$end"
}

# wait_saying PID LOG: says what the console's last line is every ten seconds
wait_saying()
{
	local tick=0

	while kill -0 "$1" 2>/dev/null; do
		sleep 0.1
		tick=$((tick + 1))
		if [ $((tick % 100)) = 0 ]; then
			say "$((tick / 10)) s: $(tail -n 1 "$2" | cut -c 1-100)"
		fi
	done
	wait "$1" || true
}
