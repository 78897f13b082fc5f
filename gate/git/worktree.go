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

// A worktree lies in a temporary folder of its own:
//
//	perfgate-worktree-123/lock       proves whose the folder is, and who lives
//	perfgate-worktree-123/tree/NAME  the files; apart, since NAME may be anything
//	perfgate-worktree-123/index-…    of submodules
const (
	folderPrefix = "perfgate-worktree-"
	lockName     = "lock"
	treeName     = "tree"
	indexPrefix  = "index-"
)

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
		return nil, explainAdd(err)
	}
	w := &Worktree{repo: r, folder: folder, dir: filepath.Join(folder, treeName, baseName(r.root)), lock: lock}
	if _, err := w.git(ctx, "worktree", "add", "--quiet", "--force", "--detach", w.dir, commit); err != nil {
		return nil, errors.Join(explainAdd(err), w.Remove())
	}
	if err := w.addSubmodules(ctx, w.dir, r.root, r.common, nil); err != nil {
		return nil, errors.Join(err, w.Remove())
	}
	return w, nil
}

// git runs git in the root of the repository. It counts as the owner of the
// worktree, too, as long as it lives.
func (w *Worktree) git(ctx context.Context, args ...string) (string, error) {
	return w.repo.call(ctx, call{lock: w.lock}, args...)
}

// baseName is how a folder is called; the top of a disk is called by no name.
func baseName(dir string) string {
	if name := filepath.Base(dir); name != "." && !os.IsPathSeparator(name[len(name)-1]) {
		return name
	}
	return "root"
}

// explainAdd tells how to mend what is known to go wrong. The cause of what git
// tells last often stands above it.
func explainAdd(err error) error {
	said, hint := err.Error(), ""
	var refused *refusal
	byGit := errors.As(err, &refused)
	if byGit {
		said = refused.said
	}
	lost := strings.Contains(said, "Read-only file system") || strings.Contains(said, "Permission denied")
	switch {
	case strings.Contains(strings.ToLower(said), "no space left"), strings.Contains(said, "Disk quota exceeded"):
		hint = "free some space, or set TMPDIR to a folder that has it"
	case !byGit:
		hint = "set TMPDIR to a folder that is there and can be written to"
	case lost:
		hint = "let git write to the .git of the repository, which keeps a list of its worktrees, and to TMPDIR"
	}
	return &Error{fmt.Errorf("worktree: %w", err), hint}
}

// lockedFolder makes a temporary folder with a lock in it.
func lockedFolder(place string) (folder string, lock *os.File, err error) {
	if folder, err = os.MkdirTemp(place, folderPrefix); err != nil {
		return "", nil, err
	}
	folder = realPath(folder) // as git will tell it
	if lock, err = lockIn(folder); err != nil {
		return "", nil, errors.Join(err, removeFolder(folder))
	}
	return folder, lock, nil
}

// lockIn makes the lock of a folder. It says whose it is only once it is locked,
// so that no sweep comes between.
func lockIn(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	busy, err := tryLock(f)
	if err == nil && busy {
		err = errors.New("the new lock is taken")
	}
	if err == nil {
		_, err = f.WriteString(mark(folder))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := w.forget(ctx)
	w.lock.Close() // before its folder goes, which Windows wants
	w.lock = nil
	return errors.Join(err, removeFolder(w.folder))
}

// forget removes a worktree's files, then its entry: git removes none whose
// files it cannot remove, such as those in folders without write permission.
func (w *Worktree) forget(ctx context.Context) error {
	if err := removeFolder(w.dir); err != nil {
		return err
	}
	_, err := w.git(ctx, "worktree", "remove", "--force", "--force", w.dir)
	var refused *refusal
	if errors.As(err, &refused) && strings.Contains(refused.said, "is not a working tree") {
		return nil // it was never added
	}
	return err
}

// removeFolder removes a folder with folders that do not let it, as caches of
// modules have them. Links are removed, and never followed.
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
