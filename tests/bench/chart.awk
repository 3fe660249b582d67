# SPDX-License-Identifier: GPL-2.0
#
# A bar chart, as SVG, of what the bench measured: for each scenario and metric a bar for each
# contender, in a scale of its own. What is more than three times the unbound workqueue is cut
# off, for the others to be seen. The pool's bars are blue.

function escape(text)
{
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	return text
}

function text(x, y, class, what)
{
	body = body sprintf("<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n",
		x, y, class, escape(what))
}

function flush_group(	i, width, longest, class)
{
	for (i = 1; i <= nr; i++)
		if (median[i] > longest && (ratio[i] <= 3 || !base))
			longest = median[i]
	for (i = 1; i <= nr; i++) {
		y += 18
		class = contender[i] ~ /^workpool/ ? "pool" : "other"
		width = longest ? 420 * median[i] / longest : 0
		if (width > 420)
			width = cut(y, class)
		text(232, y, "name", contender[i])
		body = body sprintf("<rect x=\"240\" y=\"%d\" width=\"%.1f\" height=\"12\" class=\"%s\"/>\n",
			y - 10, width > 420 ? 420 : width + 1, class)
		text(248 + width, y, "value",
			median[i] (ratio[i] == "-" ? "" : "  (" ratio[i] " x)"))
	}
	nr = base = 0
}

# An arrow at the end of the bar at y; returns how wide both are
function cut(y, class)
{
	body = body sprintf("<path d=\"M 660 %d l 8 6 l -8 6 z\" class=\"%s\"/>\n", y - 10, class)
	return 428
}

BEGIN { FS = "," }
NR == 1 { next }
$1 "," $2 != group {
	flush_group()
	group = $1 "," $2
	y += 34
	text(12, y, "head", $1 ": " $2)
}
{
	nr++
	contender[nr] = $3
	median[nr] = $5
	ratio[nr] = $9
	base += $9 == "1.00" && $3 == "workqueue unbound"
}

END {
	flush_group()
	y += 30
	text(12, y, "value", "Medians; ns, which are instructions where QEMU counts them. In " \
		"parentheses: times the unbound workqueue.")
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"%d\">\n", y + 20
	print "<style>"
	print "text { font: 12px sans-serif; fill: #222 }"
	print ".head { font-weight: bold }"
	print ".name { text-anchor: end }"
	print ".value { font-size: 11px; fill: #555 }"
	print ".pool { fill: #2468b0 }"
	print ".other { fill: #b8bec6 }"
	print "</style>"
	print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
	printf "%s</svg>\n", body
}
