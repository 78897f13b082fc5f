// Package atomicfile replaces files whole: a reader, and a run that is cut short, sees either the old
// content or the new one, never a part of it.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// pattern makes the temporary names of name. The leading dot keeps leftovers of a killed process out
// of globs such as "*.json"; the rest says whose they are and of which file.
func pattern(name string) string { return "." + name + ".perfgate-*.tmp" }

// Write makes data the whole content of path. A new file gets mode 0644 (a report is read by other
// steps and users), a replaced one keeps its mode. Symbolic links are followed, so that a linked store
// stays linked. A device or pipe such as /dev/stdout cannot be replaced and is written directly.
//
// The folder of path must exist. On any failure before the rename the temporary file is removed and a
// former file is untouched; the error names path and the reason, and wraps the system's error. When
// only the sync of the folder fails, the new content is in place and the error says so.
func Write(path string, data []byte) error {
	target := path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		target = resolved
	}
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(target); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("write %q: %w", path, reason(err))
	case info.IsDir():
		return fmt.Errorf("write %q: %w", path, errIsFolder)
	case !info.Mode().IsRegular():
		return direct(path, data)
	default:
		mode = info.Mode().Perm()
	}
	if err := replace(target, data, mode); err != nil {
		return fmt.Errorf("write %q: %w", path, reason(err))
	}
	if err := syncFolder(filepath.Dir(target)); err != nil {
		return fmt.Errorf("write %q: content is in place, but may not survive a power cut: %w", path, reason(err))
	}
	return nil
}

var errIsFolder = errors.New("is a folder")

// direct writes to what is no file. Truncation is not asked for: a pipe has none.
func direct(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %q: %w", path, reason(err))
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %q: %w", path, reason(err))
	}
	return nil
}

// replace is the temporary file's life: it ends as target or not at all.
func replace(target string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(target), pattern(filepath.Base(target)))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // the second close of a closed file is harmless
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil && runtime.GOOS != "windows" {
		return err
	}
	// Some file systems report a full disk or quota only here or at close.
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}

// syncFolder makes the rename durable. Windows has no such call, some file systems refuse it, and a
// folder may be writable without being readable: none of these is a failed write.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// Probe reports whether files can be written in dir, which it creates when missing. It writes one byte
// under a temporary name, because a full disk and a file size limit show only then, and removes it.
// The error names dir and the reason, and wraps the system's error.
func Probe(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("folder %q cannot be made: %w", dir, reason(err))
	}
	f, err := os.CreateTemp(dir, pattern("probe"))
	if err != nil {
		return fmt.Errorf("folder %q is not writable: %w", dir, reason(err))
	}
	_, err = f.Write([]byte{'\n'})
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("folder %q is not writable: %w", dir, reason(err))
	}
	return nil
}

// reason drops the operation and the temporary name that the os package puts before an error: both
// would only puzzle a reader who asked for another file.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}
