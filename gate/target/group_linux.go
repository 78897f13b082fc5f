package target

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
)

// relative is a process as far as its kinship goes.
type relative struct{ pid, parent, group int }

// living drops the groups without a living member. The kernel counts zombies
// as members, and where nobody reaps orphans (a container whose first process
// is "tail -f /dev/null", as CI services start them) they stay for ever.
func living(ids []int) []int {
	ids = exist(ids)
	if len(ids) == 0 {
		return ids
	}
	all, ok := relatives()
	if !ok {
		return ids
	}
	seen := map[int]bool{}
	for _, r := range all {
		seen[r.group] = true
	}
	return slices.DeleteFunc(ids, func(id int) bool { return !seen[id] })
}

// descend adds the groups of all descendants of the members: timeout(1),
// process managers, setsid and shells with job control put their children into
// groups of their own. An orphan's descent is lost, which is why they are
// looked up before the first signal.
func descend(ids []int) []int {
	all, ok := relatives()
	if !ok || len(ids) == 0 {
		return ids
	}
	own := os.Getpid()
	family := map[int]bool{}
	for grown := true; grown; {
		grown = false
		for _, r := range all {
			if r.pid == own || family[r.pid] || !family[r.parent] && !slices.Contains(ids, r.group) {
				continue
			}
			family[r.pid], grown = true, true
			if !slices.Contains(ids, r.group) {
				ids = append(ids, r.group)
			}
		}
	}
	return ids
}

// relatives lists the processes that are alive. One that ends meanwhile is
// left out; ok is false when there is no /proc.
func relatives() (all []relative, ok bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, false
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		if r, alive := parseRelative(stat); alive {
			r.pid = pid
			all = append(all, r)
		}
	}
	return all, true
}

// parseRelative reads proc_pid_stat(5): the fields after the name, which may
// hold anything, are state, parent, group and, as the eighteenth, the number of
// threads. A zombie with more than one still holds its files and ports.
func parseRelative(stat []byte) (r relative, alive bool) {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 18 {
		return relative{}, false
	}
	parent, err1 := strconv.Atoi(fields[1])
	group, err2 := strconv.Atoi(fields[2])
	threads, err3 := strconv.Atoi(fields[17])
	if err1 != nil || err2 != nil || err3 != nil {
		return relative{}, false
	}
	dead := fields[0] == "Z" || fields[0] == "X"
	return relative{parent: parent, group: group}, !dead || threads > 1
}
