package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mark is what the lock of a folder says: whose the folder is, and which, so
// that no copy of it and no folder that is only called like one is taken for it.
func mark(folder string) string {
	return "perfgate worktree, removed once nobody holds this lock\n" + folder + "\n"
}

// Sweep removes the worktrees of this repository that a killed perfgate left,
// and returns how many. Those of one that lives are never touched, nor is
// anything that perfgate did not make: only a folder whose lock proves it goes.
func (r *Repo) Sweep(ctx context.Context) (removed int, err error) {
	listed, err := r.worktrees(ctx)
	if err != nil {
		return 0, fmt.Errorf("worktrees: %w", err)
	}
	var failed []error
	for _, dir := range listed {
		switch swept, err := r.sweep(ctx, dir, listed); {
		case err != nil:
			failed = append(failed, err)
		case swept:
			removed++
		}
	}
	r.sweepFolders()
	return removed, errors.Join(failed...)
}

// sweep removes one worktree, if it was left. What git lists may have been
// edited, moved or made by anybody.
func (r *Repo) sweep(ctx context.Context, dir string, listed []string) (swept bool, err error) {
	folder := filepath.Dir(filepath.Dir(dir))
	switch {
	case !filepath.IsAbs(dir) || dir != filepath.Join(folder, treeName, filepath.Base(dir)):
		return false, nil
	case !strings.HasPrefix(filepath.Base(folder), folderPrefix) || r.inUse(folder, dir, listed):
		return false, nil
	}
	if _, err := os.Lstat(folder); errors.Is(err, os.ErrNotExist) { // the system emptied its temporary folder
		_, err := r.git(ctx, "worktree", "remove", "--force", "--force", dir)
		return err == nil, err
	}
	if !isWorktree(dir) {
		return false, nil
	}
	lock := claim(folder)
	if lock == nil {
		return false, nil
	}
	w := &Worktree{repo: r, folder: folder, dir: dir, lock: lock}
	return true, w.Remove()
}

// inUse reports whether a folder holds more than the worktree in dir that git or
// the caller knows of.
func (r *Repo) inUse(folder, dir string, listed []string) bool {
	for i, other := range append([]string{r.root, r.common}, listed...) {
		// The first two, and the main one, are somebody's whatever their name.
		if (i < 3 || other != dir) && within(folder, realPath(other)) {
			return true
		}
	}
	return false
}

// isWorktree reports whether nothing speaks against a folder being a worktree,
// or what is left of one. A repository of its own has a folder as its .git.
func isWorktree(dir string) bool {
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if info, err := os.Lstat(folder); err == nil && !info.IsDir() {
			return false
		}
	}
	info, err := os.Lstat(filepath.Join(dir, ".git"))
	return err != nil || info.Mode().IsRegular()
}

// worktrees lists the work trees that git knows of, as it spells them, the main
// one first.
func (r *Repo) worktrees(ctx context.Context) ([]string, error) {
	end := "\x00"
	out, err := r.git(ctx, "worktree", "list", "--porcelain", "-z")
	var refused *refusal
	if errors.As(err, &refused) { // of before 2.36: what has a line break in its name is not found
		end = "\n"
		out, err = r.git(ctx, "worktree", "list", "--porcelain")
	}
	if err != nil {
		return nil, err
	}
	var dirs []string
	for line := range strings.SplitSeq(out, end) {
		if dir, ok := strings.CutPrefix(line, "worktree "); ok {
			dirs = append(dirs, filepath.FromSlash(dir))
		}
	}
	return dirs, nil
}

// sweepFolders removes what is left of perfgates that were killed while git did
// not know of their worktree: folders without a file that is checked out.
func (r *Repo) sweepFolders() {
	for _, place := range r.places() {
		entries, _ := os.ReadDir(place) // what cannot be read holds nothing of ours
		for _, e := range entries {
			folder := filepath.Join(realPath(place), e.Name())
			if lock := claim(folder); lock != nil {
				lock.Close() // before its folder goes, which Windows wants
				removeEmpty(folder)
			}
		}
	}
}

// removeEmpty removes a folder of perfgate's that holds nothing of use. What is
// more than expected is left, with the lock.
func removeEmpty(folder string) {
	tree := filepath.Join(folder, treeName)
	inside, _ := os.ReadDir(tree)
	for _, e := range inside {
		if e.IsDir() {
			_ = os.Remove(filepath.Join(tree, e.Name())) // unless something is in it
		}
	}
	_ = os.Remove(tree)
	names, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range names {
		if e.Name() != lockName && (e.IsDir() || !strings.HasPrefix(e.Name(), indexPrefix)) {
			return
		}
	}
	for _, e := range names {
		_ = os.Remove(filepath.Join(folder, e.Name()))
	}
	_ = os.Remove(folder)
}

// claim locks a folder that perfgate made and that nobody holds; nil: it is not
// so.
func claim(folder string) *os.File {
	if !ours(folder) {
		return nil
	}
	lock, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if busy, err := tryLock(lock); err != nil || busy {
		lock.Close()
		return nil
	}
	return lock
}

// ours reports whether perfgate made a folder, which no link leads to.
func ours(folder string) bool {
	if !strings.HasPrefix(filepath.Base(folder), folderPrefix) || realPath(folder) != folder {
		return false
	}
	name := filepath.Join(folder, lockName)
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(mark(folder))) {
		return false
	}
	said, err := os.ReadFile(name)
	return err == nil && string(said) == mark(folder)
}

// inOurs reports whether a file lies in a folder that perfgate made.
func inOurs(name string) bool {
	for dir := filepath.Dir(name); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if ours(dir) {
			return true
		}
	}
	return false
}
