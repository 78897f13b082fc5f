package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/importer"
)

// What a file is when it is no result. Both end an argument that names the
// file, and are passed over in a folder.
var (
	errReport   = errors.New("is the report of a comparison, not a result")
	errNoResult = errors.New("is in no format that perfgate knows")
)

// headSize is how much of a file tells what it is.
const headSize = 64 << 10

// readSource reads one file, of perfgate's own or a foreign one.
func readSource(ctx context.Context, file string) (source, error) {
	f, err := open(ctx, file)
	if err != nil {
		return source{}, fail("", "%s: cannot be read: %w", file, bare(err))
	}
	defer f.Close()
	if ctx.Err() != nil {
		return source{}, ctx.Err()
	}
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(reader{ctx, f}, sum), headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return source{}, fail("", "%s: cannot be read: %w", file, bare(err))
	}
	x := source{file: file}
	if importer.IsOwn(head) {
		x.result, err = readOwn(in, file)
	} else {
		x.result, err = readForeign(in, head, file)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, in) // the rest belongs to the digest
	}
	x.digest = hex.EncodeToString(sum.Sum(nil))
	return x, err
}

// open opens a file to be read. A named pipe waits for its writer; the end of
// the context ends that wait, and any for its data.
func open(ctx context.Context, file string) (*os.File, error) {
	info, err := os.Stat(file)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return os.Open(file)
	}
	opened := make(chan struct{})
	defer close(opened)
	stop := context.AfterFunc(ctx, func() { wake(file, opened) })
	defer stop()
	f, err := os.Open(file)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) }) // where it has none, its data are there
	}
	return f, err
}

// wake lets whoever opens a named pipe to read it go on, until it is opened: a
// writer wakes them, and cannot be while nobody waits yet.
func wake(pipe string, opened <-chan struct{}) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if w, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			_ = w.Close() // nothing was written
		}
		select {
		case <-opened:
			return
		case <-tick.C:
		}
	}
}

// readOwn reads a file that perfgate wrote.
func readOwn(in io.Reader, file string) (gate.Result, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return gate.Result{}, fail("", "%s: cannot be read: %w", file, bare(err))
	}
	if kindOf(data) == gate.ReportKind {
		return gate.Result{}, fail("name the results that it was made of, such as candidate.json beside it", "%s: %w", file, errReport)
	}
	r, err := gate.DecodeResult(data)
	if err != nil {
		return gate.Result{}, fail("copy it again, or measure it again with this perfgate", "%s: %w", file, err)
	}
	return r, nil
}

// kindOf is what a JSON file of perfgate says that it is; empty for any other.
func kindOf(data []byte) string {
	var head struct {
		Kind string `json:"kind"`
	}
	_ = json.Unmarshal(data, &head) // then it is none
	return head.Kind
}

// readForeign reads a file of another tool.
func readForeign(in io.Reader, head []byte, file string) (gate.Result, error) {
	packed := len(head) > 1 && head[0] == 0x1f && head[1] == 0x8b
	known := packed || slices.ContainsFunc(importer.Importers(), func(im importer.Importer) bool { return im.Sniff(head) })
	r, err := importer.Import(in, file)
	if err != nil && !known {
		return gate.Result{}, &noResult{err}
	}
	return r, err
}

// A noResult is the error of an importer about a file that no importer knows.
type noResult struct{ error }

// Unwrap returns the importer's error.
func (e *noResult) Unwrap() error { return e.error }

// Is reports that the error is errNoResult.
func (*noResult) Is(target error) bool { return target == errNoResult }

// A reader ends with the context, so that an interrupt ends a large import.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads while the context lasts.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// bare drops the operation and the path that the os package puts before an
// error: the message has named the file already.
func bare(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
