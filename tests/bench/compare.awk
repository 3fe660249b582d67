# SPDX-License-Identifier: GPL-2.0
#
# compare.awk -v limit=PERCENT baseline icount.csv: which scenario got dearer, as KTAP.

function flush_scenario()
{
	if (scenario == "")
		return
	tests++
	if (dearer == "")
		printf "ok %d %s is not dearer\n", tests, scenario
	else
		printf "not ok %d %s is dearer\n%s", tests, scenario, dearer
	bad += dearer != ""
	dearer = ""
}

BEGIN { FS = "," }
FNR == 1 { file++ }
/^#/ { next }
file == 1 && NF == 4 { base[$1 "," $2 "," $3] = $4; next }
file == 1 || FNR == 1 { next }

$1 != scenario {
	flush_scenario()
	scenario = ""
}

{
	key = $1 "," $2 "," $3
	if (!(key in base))
		next
	scenario = $1
	seen[key] = 1
	change = base[key] ? 100 * ($5 - base[key]) / base[key] : $5 ? 100 : 0
	line = sprintf("# %s: %s: %d, was %d (%+.1f %%)\n", $2, $3, $5, base[key], change)
	if (change > limit)
		dearer = dearer line
	else if (change < -limit)
		printf "%s", line
}

END {
	flush_scenario()
	for (key in base)
		if (!(key in seen)) {
			printf "not ok %d %s is still measured\n", ++tests, key
			bad++
		}
	printf "1..%d\n", tests
	printf "%d passed, %d failed, 0 skipped\n", tests - bad, bad
	exit bad > 0
}
