//go:build unix

package target

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// TestMain makes the test binary the services of the tests: commands run
// "$HELPER" MODE.
func TestMain(m *testing.M) {
	if os.Getenv("TARGET_HELPER") == "" {
		os.Exit(m.Run())
	}
	if err := help(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func help(args []string) error {
	switch args[0] {
	case "serve":
		return serve()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		return serve()
	case "deaf":
		select {}
	case "listen": // on a port of its own, told in the file
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		if err := os.WriteFile(args[1]+".tmp", []byte(l.Addr().String()), 0o600); err != nil {
			return err
		}
		if err := os.Rename(args[1]+".tmp", args[1]); err != nil {
			return err
		}
		select {}
	case "daemon": // out of the group and orphaned; its number goes to the file
		cmd := exec.Command(os.Args[0], "serve")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return err
		}
		return os.WriteFile(args[1], []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
	case "family": // a child in a group of its own
		cmd := exec.Command(os.Args[0], "serve")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return cmd.Run()
	case "preparer": // a perfgate that has prepared, and no more
		t, err := New(Options{
			Spec:    gate.Target{Prepare: `"$HELPER" daemon "$PIDFILE"`, Start: "unused", Stop: `echo "stop $PERFGATE_PORT" >>"$STOPS"`},
			Environ: os.Environ(), Session: args[1],
		})
		if err != nil {
			return err
		}
		if err := t.Prepare(context.Background()); err != nil {
			return err
		}
		fmt.Println(t.port)
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	case "idler": // a perfgate before its first command
		if _, err := New(Options{Spec: gate.Target{Start: "unused"}, Environ: os.Environ(), Session: args[1]}); err != nil {
			return err
		}
		fmt.Println("made")
		select {}
	case "resetter": // a perfgate whose reset hangs, and its stop
		t, err := New(Options{
			Spec: gate.Target{Prepare: `echo $$ >>"$PIDS"; "$HELPER" deaf & exit 0`,
				Reset: `trap "echo reset ended >>\"$STOPS\"; exit" TERM; echo $$ >>"$PIDS"; "$HELPER" listen "$LISTEN" & wait`, Start: "unused",
				Stop: `echo stop >>"$STOPS"; echo $PPID >>"$PIDS"; "$HELPER" deaf; echo never >>"$STOPS"`},
			Environ: os.Environ(), LogDir: args[1], Session: args[1],
		})
		if err != nil {
			return err
		}
		t.patience = time.Second
		if err := t.Prepare(context.Background()); err != nil {
			return err
		}
		_, err = t.Up(context.Background())
		return err
	case "owner": // a perfgate
		t, err := New(Options{
			Spec:    gate.Target{Start: `echo $$ >>"$PIDS"; "$HELPER" daemon "$PIDFILE"; wait; "$HELPER" deaf`, Stop: `echo stop >>"$STOPS"`, Ready: healthy},
			Environ: os.Environ(), LogDir: args[1], Session: args[1],
		})
		if err != nil {
			return err
		}
		i, err := t.Up(context.Background())
		if err != nil {
			return err
		}
		fmt.Println(i.URL())
		select {}
	}
	return fmt.Errorf("no mode %q", args[0])
}

// serve is a service as the tests need it.
func serve() error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /pid", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	mux.HandleFunc("GET /env", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(os.Environ()) })
	mux.HandleFunc("GET /burn", func(http.ResponseWriter, *http.Request) {
		var use syscall.Rusage
		for use.Utime.Nano()+use.Stime.Nano() < (100 * time.Millisecond).Nanoseconds() {
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
		}
	})
	mux.HandleFunc("GET /exit", func(http.ResponseWriter, *http.Request) {
		fmt.Println("panic: \x1b[31mout of luck")
		os.Exit(3)
	})
	fmt.Println("listening")
	return http.ListenAndServe(os.Getenv(EnvAddr), mux)
}

var healthy = gate.Ready{Path: "/health"}

// bench is a folder with the files that the helpers write, and a target whose
// commands may use them.
type bench struct {
	*Target
	t      *testing.T
	folder string
}

func newBench(t *testing.T, spec gate.Target) *bench {
	t.Helper()
	b := &bench{t: t, folder: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "TARGET_HELPER=1", "HELPER="+self)
	for _, name := range []string{"PIDS", "STOPS", "LISTEN", "PIDFILE", "MARK"} {
		env = append(env, name+"="+b.path(name))
	}
	b.Target, err = New(Options{
		Spec: spec, Side: gate.SideCandidate, Dir: b.folder, LogDir: b.path("log"), Environ: env, Session: t.Name(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.must(b.Close()) })
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.folder, name) }

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) mustUp() *Instance {
	b.t.Helper()
	i, err := b.Up(b.t.Context())
	b.must(err)
	return i
}

// read returns what a helper wrote, "" when it wrote nothing.
func (b *bench) read(name string) string {
	data, _ := os.ReadFile(b.path(name))
	return string(data)
}

func (b *bench) get(i *Instance, path string) string {
	b.t.Helper()
	status, body, err := newProbe(b.o.Spec, i.URL(), "").get(b.t.Context(), path)
	if err != nil || status != http.StatusOK {
		b.t.Fatalf("GET %s: status %d, %v", path, status, err)
	}
	return string(body)
}

// nothingLeft fails when a process of a group that was noted in PIDS, or the
// listener that was noted in LISTEN, is there still.
func (b *bench) nothingLeft() {
	b.t.Helper()
	for _, word := range strings.Fields(b.read("PIDS")) {
		id, err := strconv.Atoi(word)
		b.must(err)
		if len(living([]int{id})) > 0 {
			b.t.Errorf("process group %d is there still", id)
		}
	}
	if addr := b.read("LISTEN"); addr != "" {
		b.refused(addr)
	}
}

func (b *bench) refused(addr string) {
	b.t.Helper()
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		b.t.Errorf("something listens on %s still", addr)
	}
}

// eventually waits for a condition that another process brings about.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
