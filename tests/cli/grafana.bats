#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # run sets status, output and lines
#
# tools/grafana against what wpadm prometheus prints of a device that has all there is: a multi,
# and a pool that is measured. PROMTOOL names promtool.

load helper

GRAFANA=$TOP/tools/grafana

setup()
{
	fake_device 'name=plain owner=client capacity=8 busy=3' \
		'name=m.0 owner=client capacity=4 multi=m multi_id=7' \
		'name=measured owner=client capacity=4 flags=0x80000 bucket=41 run_before=5 max_ns=17000' \
		'total=1 name=m owner=client capacity=4 multi=m multi_id=7 nr_pools=1 strategy=2'
	fake prometheus > "$BATS_TEST_TMPDIR/exported"
}

# uses FILE...: their expressions ask for what is exported
uses()
{
	python3 "$TOP/tests/cli/metrics" "$BATS_TEST_TMPDIR/exported" "$@"
}

# need_promtool: where it cannot be had, the test is skipped
need_promtool()
{
	[ -x "${PROMTOOL:-}" ] || skip "needs PROMTOOL: tests/lanes/cli fetches it"
}

@test "the dashboard and the alerts ask for what wpadm prometheus prints" {
	run uses "$GRAFANA/workpool.json" "$GRAFANA/workpool.rules.yml"
	assert_status 0
	[[ ${lines[0]} =~ workpool.json:\ [0-9]+\ expressions$ ]]
	[[ ${lines[1]} =~ workpool.rules.yml:\ [0-9]+\ expressions$ ]]
}

# changed FILE FROM TO MESSAGE: with TO for FROM in it, that is what is wrong
changed()
{
	local copy

	copy=$BATS_TEST_TMPDIR/$(basename "$1")
	grep -qF -- "$2" "$1" || { echo "no $2 in $1"; return 1; }
	sed "s|$2|$3|" "$1" > "$copy"
	run uses "$copy"
	assert_status 1 || return 1
	assert_has "$4"
}

@test "a wrong name, label or function in them is noticed" {
	for file in "$GRAFANA/workpool.json" "$GRAFANA/workpool.rules.yml"; do
		changed "$file" workpool_waiters workpool_waiting "there is no metric workpool_waiting"
		changed "$file" 'workpool_tasks_rejected_total' 'workpool_tasks_rejected' \
			"there is no metric workpool_tasks_rejected"
		changed "$file" workpool_wait_seconds_bucket workpool_wait_seconds "there is no metric"
		changed "$file" 'sum by (instance, pool, le)' 'sum by (instance, queue, le)' \
			"no metric has a label queue"
		changed "$file" 'rate(' 'ratio(' "there is no function ratio"
	done
	changed "$GRAFANA/workpool.rules.yml" 'state="busy"' 'state="working"' "has no state working"
	changed "$GRAFANA/workpool.rules.yml" 'state="busy"' 'status="busy"' "has no label status"
	changed "$GRAFANA/workpool.json" 'workpool_info, instance' 'workpool_version, instance' \
		"there is no metric workpool_version"
}

@test "the dashboard: panels have numbers of their own and do not overlap" {
	python3 - "$GRAFANA/workpool.json" <<-'END'
		import json, sys
		panels = json.load(open(sys.argv[1]))['panels']
		assert len({panel['id'] for panel in panels}) == len(panels)
		cells = [(x, y) for panel in panels for place in [panel['gridPos']]
		         for x in range(place['x'], place['x'] + place['w'])
		         for y in range(place['y'], place['y'] + place['h'])]
		assert len(set(cells)) == len(cells)
		assert max(x for x, y in cells) < 24
		for panel in panels:
		    assert panel['type'] == 'row' or panel['description'] and panel['targets']
	END
}

@test "promtool: the rules are valid" {
	need_promtool
	run "$PROMTOOL" check rules "$GRAFANA/workpool.rules.yml"
	assert_status 0
	assert_has "SUCCESS: $(grep -c -e '- alert:' "$GRAFANA/workpool.rules.yml") rules found"
}

@test "promtool: each alert fires when it is to, and not when all is well" {
	need_promtool
	run "$PROMTOOL" test rules "$TOP/tests/cli/alerts.yml"
	assert_status 0
	while read -r _ _ name; do
		grep -q "alertname=\"$name\"" "$TOP/tests/cli/alerts.yml" || {
			echo "no test of $name"
			return 1
		}
	done < <(grep -e '- alert:' "$GRAFANA/workpool.rules.yml")
}

@test "promtool: what wpadm prometheus prints is sound" {
	need_promtool
	run "$PROMTOOL" check metrics < "$BATS_TEST_TMPDIR/exported"
	echo "$output"
	assert_status 0
}
