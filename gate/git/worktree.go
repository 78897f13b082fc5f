package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folderPrefix begins the names of the temporary folders that hold a worktree
// and its lock.
const folderPrefix = "perfgate-worktree-"

// A Worktree is a commit that is checked out in a temporary folder. It is
// locked while this process lives: Sweep of another never takes it, and finds
// it once this process was killed.
type Worktree struct {
	repo   *Repo
	folder string // the temporary one
	dir    string // inside it, called like the repository: some builds take their names from it
	lock   *os.File
}

// AddWorktree checks a commit out into a temporary folder, on the disk of the
// work tree where that can be, with those of its submodules that are initialised
// in the repository. The caller must Remove it.
func (r *Repo) AddWorktree(ctx context.Context, commit string) (*Worktree, error) {
	var folder string
	var lock *os.File
	var err error
	for _, place := range r.places() {
		if folder, lock, err = lockedFolder(place); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("worktree: %w", err)
	}
	w := &Worktree{repo: r, folder: folder, dir: filepath.Join(folder, filepath.Base(r.root)), lock: lock}
	if _, err := r.git(ctx, "worktree", "add", "--quiet", "--force", "--detach", w.dir, commit); err != nil {
		return nil, errors.Join(explainAdd(err), w.Remove())
	}
	if err := w.addSubmodules(ctx, w.dir, r.root, r.common, nil); err != nil {
		return nil, errors.Join(err, w.Remove())
	}
	return w, nil
}

// explainAdd tells how to mend what is known to go wrong.
func explainAdd(err error) error {
	hint := ""
	if strings.Contains(err.Error(), "No space left") {
		hint = "free some space, or set TMPDIR to a folder that has it"
	}
	return &Error{fmt.Errorf("worktree: %w", err), hint}
}

// errTaken says that a sweep took the new folder, which is no one's yet, for a
// left one.
var errTaken = errors.New("the new folder was taken by another perfgate")

// lockedFolder makes a temporary folder with a lock in it.
func lockedFolder(place string) (folder string, lock *os.File, err error) {
	for range 3 {
		if folder, err = os.MkdirTemp(place, folderPrefix); err != nil {
			return "", nil, err
		}
		if real, err := filepath.EvalSymlinks(folder); err == nil {
			folder = real // as git will tell it
		}
		if lock, err = lockIn(folder); err == nil {
			return folder, lock, nil
		}
		if gone := os.RemoveAll(folder); gone != nil || !errors.Is(err, errTaken) {
			return "", nil, errors.Join(err, gone)
		}
	}
	return "", nil, err
}

// lockIn makes and locks the lock of a folder.
func lockIn(folder string) (*os.File, error) {
	name := filepath.Join(folder, "lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	busy, err := tryLock(f)
	if err == nil && (busy || !same(f, name)) {
		err = errTaken
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func same(f *os.File, name string) bool {
	open, err1 := f.Stat()
	there, err2 := os.Stat(name)
	return err1 == nil && err2 == nil && os.SameFile(open, there)
}

// Dir returns the top folder of the checked-out files, absolute.
func (w *Worktree) Dir() string { return w.dir }

// OtherDisk reports whether it lies on another file system than the work tree.
func (w *Worktree) OtherDisk() bool { return !sameDisk(w.folder, w.repo.root) }

// Remove removes the files and what the repository knows of them, whatever the
// state of either. A second call does nothing.
func (w *Worktree) Remove() error {
	if w.lock == nil {
		return nil
	}
	lock := w.lock
	w.lock = nil
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := w.repo.forget(ctx, w.dir)
	lock.Close() // before its folder goes, which Windows wants
	return errors.Join(err, removeFolder(w.folder))
}

// forget removes a worktree's files, then its entry: git removes none whose
// files it cannot remove, such as those in folders without write permission.
func (r *Repo) forget(ctx context.Context, dir string) error {
	if err := removeFolder(dir); err != nil {
		return err
	}
	_, err := r.git(ctx, "worktree", "remove", "--force", "--force", dir)
	var refused *refusal
	if errors.As(err, &refused) && strings.Contains(refused.text, "is not a working tree") {
		return nil // it was never added
	}
	return err
}

// removeFolder removes a folder with folders that do not let it, as caches of
// modules have them.
func removeFolder(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(name, 0o700) // removing tells
		}
		return nil
	})
	if err = os.RemoveAll(dir); err != nil {
		return &Error{fmt.Errorf("worktree: %w", err), "remove it: sudo rm -rf " + dir}
	}
	return nil
}

// Sweep removes the worktrees of this repository that a killed perfgate left,
// and returns how many. Those of one that lives are never touched.
func (r *Repo) Sweep(ctx context.Context) (removed int, err error) {
	list, err := r.git(ctx, "worktree", "list", "--porcelain")
	if err != nil {
		return 0, fmt.Errorf("worktrees: %w", err)
	}
	var failed []error
	for line := range strings.Lines(list) {
		dir, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "worktree ")
		dir = filepath.FromSlash(dir)
		if !ok || !strings.HasPrefix(filepath.Base(filepath.Dir(dir)), folderPrefix) || !abandoned(filepath.Dir(dir)) {
			continue
		}
		if err := errors.Join(r.forget(ctx, dir), removeFolder(filepath.Dir(dir))); err != nil {
			failed = append(failed, err)
			continue
		}
		removed++
	}
	r.sweepFolders()
	return removed, errors.Join(failed...)
}

// sweepFolders removes what is left of perfgates that were killed before git
// knew of their worktree.
func (r *Repo) sweepFolders() {
	var folders []string
	for _, place := range r.places() {
		found, _ := filepath.Glob(filepath.Join(place, folderPrefix+"*"))
		folders = append(folders, found...)
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err == nil && len(entries) == 1 && entries[0].Name() == "lock" && abandoned(folder) {
			_ = removeFolder(folder) // of another user, maybe
		}
	}
}

// abandoned reports whether no process holds the lock of a folder.
func abandoned(folder string) bool {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR, 0)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	busy, err := tryLock(f)
	return err == nil && !busy
}
