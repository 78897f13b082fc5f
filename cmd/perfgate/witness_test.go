package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
)

// witness is a service that tells in the folder $CONTROL what is asked of it,
// for tests that act in the middle of it.
func witness() {
	f := flag.NewFlagSet("witness", flag.ExitOnError)
	addr := f.String("addr", "", "listen here")
	commit := f.String("commit", "", "what /version answers")
	unready := f.Bool("unready", false, "never healthy")
	life := f.Int64("requests", 1<<40, "how many it answers before it ends by itself")
	mark := f.String("mark", "", "`FILE` to make at the first request of the load")
	f.Parse(os.Args[1:])
	tell := func(name, text string) {
		file, err := os.OpenFile(filepath.Join(os.Getenv("CONTROL"), name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			panic(err)
		}
		defer file.Close()
		fmt.Fprintln(file, text)
	}
	tell("addrs", *addr)
	var served atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if *unready {
			tell("reached", "ready")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"commit": %q}`, *commit) })
	mux.HandleFunc("GET /work", func(http.ResponseWriter, *http.Request) {
		switch n := served.Add(1); {
		case n == 1 && *mark != "":
			tell(*mark, "load")
		case n > *life:
			fmt.Println("out of memory: goodbye")
			os.Exit(7)
		}
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(*addr, mux))
	os.Exit(1)
}
