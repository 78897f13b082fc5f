package baselines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate/atomicfile"
)

// A dirBucket keeps objects as files below one folder. It needs no lock: every
// put is one atomic file under its own name, folders are never removed, and an
// Apply that is cut short leaves whole files only.
//
// Everything goes through os.Root: a symbolic link that leads out of the folder
// is an error, since a checkout of a stranger's branch may hold one. The folder
// itself may be a link.
type dirBucket struct{ path string }

// root opens the folder. A folder that does not exist wraps fs.ErrNotExist; a
// link to nowhere does not, it may be a disk that is not mounted.
func (b dirBucket) root() (*os.Root, error) {
	root, err := os.OpenRoot(b.path)
	if err == nil {
		return root, nil
	}
	if _, linkErr := os.Lstat(b.path); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("store folder %q: is a link to nothing", b.path)
	}
	return nil, fmt.Errorf("store folder %q: %w", b.path, reason(err))
}

// Exists reports whether the folder is there.
func (b dirBucket) Exists(ctx context.Context) (bool, error) {
	root, err := b.root()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, ctx.Err()
	case err != nil:
		return false, err
	}
	return true, errors.Join(root.Close(), ctx.Err())
}

// List implements Bucket.
func (b dirBucket) List(ctx context.Context, folder string) ([]Object, error) {
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	root, err := b.root()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	start := cmp.Or(folder, ".")
	switch info, err := root.Stat(start); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ctx.Err()
	case err != nil:
		return nil, b.wrap(start, err)
	case !info.IsDir():
		return nil, b.wrap(start, errors.New("is not a folder"))
	}
	var found []Object
	err = fs.WalkDir(root.FS(), start, func(key string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return b.wrap(key, err)
		}
		if strings.HasPrefix(path.Base(key), ".") && key != "." {
			return skip(entry)
		}
		if entry.IsDir() {
			return nil
		}
		size, err := fileSize(entry)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted since its folder was read
		case err != nil:
			return b.wrap(key, err)
		}
		found = append(found, Object{Key: key, Size: size})
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The walk sorts inside each folder, where "a" stands before "a-b"; by
	// keys "a-b/x" stands before "a/x".
	slices.SortFunc(found, func(a, b Object) int { return cmp.Compare(a.Key, b.Key) })
	return found, nil
}

// skip passes over a hidden entry.
func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// fileSize refuses what is no file. Passing over a link would make what it
// leads to an absent baseline.
func fileSize(entry fs.DirEntry) (int64, error) {
	switch {
	case entry.Type()&fs.ModeSymlink != 0:
		return 0, errors.New("is a symbolic link, which a store does not follow")
	case !entry.Type().IsRegular():
		return 0, errNotRegular
	}
	info, err := entry.Info()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

var errNotRegular = errors.New("is not a regular file")

// Get implements Bucket.
func (b dirBucket) Get(ctx context.Context, key string) ([]byte, error) {
	if err := errors.Join(checkKey(key), ctx.Err()); err != nil {
		return nil, err
	}
	root, err := b.root()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, b.wrap(key, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := read(root, filepath.FromSlash(key))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, b.wrap(key, err)
	}
	return data, nil
}

func read(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name) // before the open: that of a pipe would wait
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	case info.Size() > maxObject:
		return nil, fmt.Errorf("has %d bytes, at most %d are read", info.Size(), maxObject)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxObject))
}

// Apply implements Bucket.
func (b dirBucket) Apply(ctx context.Context, changes []Change) error {
	if err := checkChanges(changes); err != nil {
		return err
	}
	for _, deletes := range []bool{false, true} {
		for _, c := range changes {
			if c.Delete != deletes {
				continue
			}
			if err := ctx.Err(); err != nil {
				return b.wrap(c.Key, err)
			}
			if err := b.change(c); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (b dirBucket) change(c Change) error {
	name := filepath.FromSlash(c.Key)
	if c.Delete {
		return b.remove(c.Key, name)
	}
	if err := b.place(name); err != nil {
		return b.wrap(c.Key, err)
	}
	// atomicfile knows no root and follows links: place has just found that the
	// folder lies inside and the file is none.
	return atomicfile.Write(filepath.Join(b.path, name), c.Data)
}

// place makes the folder of a file and checks what stands in its place.
func (b dirBucket) place(name string) error {
	if err := os.MkdirAll(b.path, 0o755); err != nil {
		return err
	}
	root, err := b.root()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !info.Mode().IsRegular():
		return errNotRegular
	}
	return err
}

func (b dirBucket) remove(key, name string) error {
	root, err := b.root()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	switch {
	case err == nil && info.IsDir():
		err = errNotRegular
	case err == nil:
		err = root.Remove(name)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil // gone, by us or by another process
	}
	return b.wrap(key, err)
}

// wrap names the file as a person would open it.
func (b dirBucket) wrap(key string, err error) error {
	return fmt.Errorf("store file %q: %w", filepath.Join(b.path, filepath.FromSlash(key)), reason(err))
}

// reason drops the operation and the path that package os puts before an
// error: the message already names the file.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
