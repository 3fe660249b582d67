# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For lanes made of other lanes; to be sourced after lib.sh. Adds up their results.

passed=0 failed=0 skipped=0 result=

# add PASSED FAILED SKIPPED
add()
{
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# sum_lane LABEL LANE [ARGUMENT]...: runs a lane, adds what it counted, and sets $result
sum_lane()
{
	local log=$WP_LOG/$1.log lane=$2 rc=0 p f s
	shift 2

	"$WP_TOP/tests/lanes/$lane" "$@" > "$log" || rc=$?
	read -r p f s < <(tail -n 1 "$log" |
		sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p'
		echo 0 0 0)
	# what ends with an error has failed, whatever it counted
	[ "$rc" = 0 ] || [ "$f" != 0 ] || f=1
	grep -E '^ *not ok|^# skipped: ' "$log" || true
	add "$p" "$f" "$s"
	# shellcheck disable=SC2034 # for the scripts that source this
	result=$p/$f/$s
}

sum_up()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
	exit
}
