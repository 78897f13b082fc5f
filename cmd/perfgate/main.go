// Command perfgate tells whether a change made an HTTP service slower or less
// reliable, and how sure it is.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(system().run(ctx, os.Args[1:]))
}
