//go:build unix

package target

import (
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"
	"syscall"
)

// A guard is a shell that cleans up after one target when perfgate is gone
// without having done so: killed, out of memory, crashed. Linux's parent-death
// signal is no way to do that: it follows the thread that forked, which the Go
// runtime may end at any time, and reaches the shell only, not its children.
type guard struct {
	cmd  *exec.Cmd
	line io.WriteCloser
}

// guardMark tells guards and what they run from what they guard.
const guardMark = "PERFGATE_GUARD=1"

// guardScript reads its standard input, the other end of which only perfgate
// has: what there is to guard, line by line. An end without quit means that
// perfgate is gone. Then it ends the command under way, runs $1, the stop
// command, if it is needed, for at most $4 seconds, and ends
// the groups and, when $2 says that PERFGATE_SIDE is its own, what left them:
// see strays. Then it removes $3, a temporary folder, and ends its own group, in
// which the stop command was. Options of kill are written as dash wants them.
const guardScript = `groups= needed= underway=
while read -r what value; do
	case $what in
	add) groups="$groups $value" ;;
	drop)
		kept=
		for g in $groups; do [ "$g" = "$value" ] || kept="$kept $g"; done
		groups=$kept ;;
	port) [ -z "$PERFGATE_PORT" ] || export PERFGATE_PORT="$value" PERFGATE_ADDR="127.0.0.1:$value" PERFGATE_URL="http://127.0.0.1:$value" ;;
	stop) needed=$value ;;
	run) underway=$value ;;
	quit) exit 0 ;;
	esac
done
strays() {
	[ "$1" = true ] || return
	for e in $(grep -lzxF -e "PERFGATE_SIDE=$PERFGATE_SIDE" /proc/[0-9]*/environ 2>/dev/null); do
		grep -qzxF -e PERFGATE_GUARD=1 "$e" 2>/dev/null && continue
		p=${e#/proc/}
		echo "${p%/environ}"
	done
}
end() {
	for g in $groups; do kill -s "$1" -- "-$g" 2>/dev/null; done
	for p in $(strays "$2"); do kill -s "$1" "$p" 2>/dev/null; done
}
left() {
	for g in $groups; do kill -s 0 -- "-$g" 2>/dev/null && return; done
	[ -n "$(strays "$1")" ]
}
if [ -n "$underway" ]; then
	kill -s TERM -- "-$underway" 2>/dev/null
	n=0
	while [ $n -lt 5 ] && kill -s 0 -- "-$underway" 2>/dev/null; do sleep 1; n=$((n+1)); done
	kill -s KILL -- "-$underway" 2>/dev/null
fi
if [ -n "$1" ] && [ "$needed" = true ]; then
	trap : TERM
	sh -c "$1" &
	stop=$!
	{ sleep "$4"; kill -s TERM $$; } &
	wait $stop
	kill -s TERM -- -$$
fi
end TERM "$2"
n=0
while [ $n -lt 5 ] && left "$2"; do sleep 1; n=$((n+1)); done
end KILL "$2"
[ -z "$3" ] || rm -rf -- "$3"
kill -s KILL -- -$$`

// startGuard starts the guard of a target; c gives the folder and environment of
// the stop command, and where what it prints goes, which startGuard closes.
func startGuard(c command, o guardOptions) (*guard, error) {
	defer c.out.Close()
	c.env = append(c.env, guardMark)
	cmd := shellBase(c, "/bin/sh", "-c", guardScript, "perfgate-guard", o.stop, strconv.FormatBool(o.own), o.temporary,
		strconv.Itoa(int(math.Ceil(o.patience.Seconds()))))
	// Whoever signals perfgate's group must not hit the guard.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	line, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &guard{cmd: cmd, line: line}, nil
}

// tell has nothing to report: without the guard all goes on as well, as long as
// perfgate lives.
func (g *guard) tell(what string, value any) { _, _ = fmt.Fprintln(g.line, what, value) }

func (g *guard) add(group int)    { g.tell("add", group) }
func (g *guard) drop(group int)   { g.tell("drop", group) }
func (g *guard) port(port int)    { g.tell("port", port) }
func (g *guard) stop(needed bool) { g.tell("stop", needed) }

// running names the command under way; nil: none is.
func (g *guard) running(p *process) {
	if p == nil {
		g.tell("run", "")
		return
	}
	g.tell("run", p.group.leader)
}

// dismiss ends the guard without any further effect.
func (g *guard) dismiss() {
	g.tell("quit", "")
	_ = g.line.Close()
	_ = g.cmd.Wait()
}
